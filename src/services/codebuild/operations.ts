import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { CallContext, Operations, Permission } from "../../aws-api/service.ts";
import { type BuildRecord, describeBuild } from "./build.ts";
import type { CodeBuild } from "./codebuild.ts";
import { describeProject, type ProjectRecord } from "./project.ts";
import { invalid, readProjectInput, readVariable } from "./project-input.ts";

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Operations.html */
export function codeBuildOperations(codeBuild: CodeBuild, now: () => Date): Operations<typeof Sdk> {
  const { projects, builds } = codeBuild.store;
  return {
    CreateProject: {
      permissions: (input, context) => onProject("CreateProject", input.name, context),
      run: (input, context) => ({ project: describeProject(createProject(codeBuild, input, context, now())) }),
    },
    UpdateProject: {
      permissions: (input, context) => onProject("UpdateProject", input.name, context),
      run(input) {
        const project = {
          ...getProject(codeBuild, input.name),
          ...readProjectInput(input),
          lastModified: now().getTime(),
        };
        projects.put(project.name, project);
        return { project: describeProject(project) };
      },
    },
    DeleteProject: {
      permissions: (input, context) => onProject("DeleteProject", input.name, context),
      run(input) {
        projects.delete(input.name ?? "");
        return {};
      },
    },
    BatchGetProjects: {
      permissions: (input, context) =>
        (input.names ?? []).flatMap((name) => onProject("BatchGetProjects", name, context)),
      run(input) {
        const { found, missing } = lookUp(input.names, (name) => projects.get(name.replace(/^arn:.*:project\//, "")));
        return { projects: found.map(describeProject), projectsNotFound: missing };
      },
    },
    ListProjects: {
      permissions: () => [{ action: "codebuild:ListProjects", resource: "*" }],
      run: (input) => {
        const names = projects.list().map(({ name }) => name);
        return { projects: input.sortOrder === "DESCENDING" ? names.reverse() : names };
      },
    },
    StartBuild: {
      permissions: (input, context) => onProject("StartBuild", input.projectName, context),
      run: (input, context) => ({ build: describeBuild(startBuild(codeBuild, input, context)) }),
    },
    BatchGetBuilds: {
      permissions: (input, context) =>
        (input.ids ?? []).flatMap((id) => onProject("BatchGetBuilds", projectOf(id), context)),
      run(input) {
        const { found, missing } = lookUp(input.ids, (id) => builds.get(id.replace(/^arn:.*:build\//, "")));
        return { builds: found.map(describeBuild), buildsNotFound: missing };
      },
    },
    StopBuild: {
      permissions: (input, context) => onProject("StopBuild", projectOf(input.id ?? ""), context),
      run(input) {
        const build = builds.get(input.id ?? "");
        if (build === undefined) throw notFound(`Build does not exist: ${input.id}`);
        codeBuild.stop(build.id);
        return { build: describeBuild(build) };
      },
    },
    ListBuilds: {
      permissions: () => [{ action: "codebuild:ListBuilds", resource: "*" }],
      run: (input) => ({ ids: idsOf(builds.list(), input.sortOrder) }),
    },
    ListBuildsForProject: {
      permissions: (input, context) => onProject("ListBuildsForProject", input.projectName, context),
      run(input) {
        const project = getProject(codeBuild, input.projectName);
        return { ids: idsOf(builds.list(`${project.name}:`), input.sortOrder) };
      },
    },
  };
}

function onProject(operation: string, name: string | undefined, { region, account }: CallContext): Permission[] {
  const resource = `arn:aws:codebuild:${region}:${account}:project/${name}`;
  return [{ action: `codebuild:${operation}`, resource }];
}

function projectOf(buildId: string): string {
  return buildId.replace(/^arn:.*:build\//, "").replace(/:[^:]*$/, "");
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

function getProject(codeBuild: CodeBuild, name: string | undefined): ProjectRecord {
  const project = codeBuild.store.projects.get(name ?? "");
  if (project === undefined) throw notFound(`Project cannot be found: ${name}`);
  return project;
}

function createProject(
  codeBuild: CodeBuild,
  input: Sdk.CreateProjectCommandInput,
  { region, account }: CallContext,
  time: Date,
): ProjectRecord {
  const { projects } = codeBuild.store;
  const read = readProjectInput(input);
  const arn = `arn:aws:codebuild:${region}:${account}:project/${input.name}`;
  if (projects.get(input.name ?? "") !== undefined) {
    throw new AwsError("ResourceAlreadyExistsException", `Project already exists: ${arn}`);
  }
  const project = {
    timeoutInMinutes: 60,
    queuedTimeoutInMinutes: 480,
    tags: [],
    ...read,
    arn,
    builds: 0,
    created: time.getTime(),
    lastModified: time.getTime(),
  } as unknown as ProjectRecord;
  projects.put(project.name, project);
  return project;
}

/** What a call may override; everything else that it holds is refused by name. */
const overrides = new Set([
  "projectName",
  "sourceVersion",
  "environmentVariablesOverride",
  "sourceTypeOverride",
  "sourceLocationOverride",
  "buildspecOverride",
  "imageOverride",
  "privilegedModeOverride",
  "artifactsOverride",
  "timeoutInMinutesOverride",
  "serviceRoleOverride",
]);

function startBuild(codeBuild: CodeBuild, input: Sdk.StartBuildCommandInput, context: CallContext): BuildRecord {
  for (const [member, value] of Object.entries(input)) {
    if (value !== undefined && !overrides.has(member)) {
      throw invalid(`Chubo does not support ${member} of StartBuild yet (see docs/deviations.md)`);
    }
  }
  const project = getProject(codeBuild, input.projectName);
  const read = readProjectInput(projectWithOverrides(project, input));
  const { source, artifacts } = { ...project, ...read };
  if (source.type === "CODEPIPELINE") {
    // AWS's wording is not known; it refuses this as well.
    throw invalid("Cannot start build: a project with source type CODEPIPELINE is started by a pipeline");
  }
  if (artifacts.type === "CODEPIPELINE")
    throw invalid("Cannot start build: artifacts type CODEPIPELINE needs a pipeline");
  const initiator = context.principal.arn.split("/").at(-1) ?? "root";
  return codeBuild.start(
    project,
    {
      ...read,
      initiator,
      ...(input.sourceVersion === undefined ? {} : { sourceVersion: input.sourceVersion }),
    } as Partial<BuildRecord>,
    {},
  );
}

function projectWithOverrides(
  project: ProjectRecord,
  input: Sdk.StartBuildCommandInput,
): Sdk.UpdateProjectCommandInput {
  const { source, environment } = project;
  const added = (input.environmentVariablesOverride ?? []).map(readVariable);
  const kept = environment.environmentVariables.filter(({ name }) => !added.some((variable) => variable.name === name));
  return {
    name: undefined,
    source: {
      type: input.sourceTypeOverride ?? (source.type as Sdk.SourceType),
      location: input.sourceLocationOverride ?? source.location,
      buildspec: input.buildspecOverride ?? source.buildspec,
    },
    artifacts: input.artifactsOverride ?? (project.artifacts as Sdk.ProjectArtifacts),
    environment: {
      ...(environment as Sdk.ProjectEnvironment),
      image: input.imageOverride ?? environment.image,
      privilegedMode: input.privilegedModeOverride ?? environment.privilegedMode,
      environmentVariables: [...kept, ...added],
    },
    serviceRole: input.serviceRoleOverride ?? project.serviceRole,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? project.timeoutInMinutes,
  };
}

function lookUp<T>(keys: readonly string[] | undefined, find: (key: string) => T | undefined) {
  const found: T[] = [];
  const missing: string[] = [];
  for (const key of keys ?? []) {
    const record = find(key);
    if (record === undefined) missing.push(key);
    else found.push(record);
  }
  return { found, missing };
}

/** The newest first, unless asked otherwise. */
function idsOf(builds: BuildRecord[], sortOrder: string | undefined): string[] {
  const ids = builds.sort((one, other) => other.startTime - one.startTime).map(({ id }) => id);
  return sortOrder === "ASCENDING" ? ids.reverse() : ids;
}
