import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CallContext, Operations } from "../../../aws-api/service.ts";
import type { CodeBuild } from "../codebuild.ts";
import { describeProject, type ProjectRecord } from "../project.ts";
import { checkImageCredentials } from "./check-environment.ts";
import { checkEnum, checkLength } from "./constraint.ts";
import { getProject, lookUp, onProject, pageOf, projectNameOf } from "./find-records.ts";
import { checkPipelineTypes, readProjectInput } from "./project-input.ts";

export function projectOperations({ store, checkServiceRole }: CodeBuild, now: () => Date) {
  const { projects } = store;
  return {
    CreateProject: {
      permissions: (input, context) => onProject("CreateProject", input.name, context),
      run(input, context) {
        const project = newProject(input, context, now());
        if (projects.get(project.name) !== undefined) {
          throw new AwsError("ResourceAlreadyExistsException", `Project already exists: ${project.arn}`);
        }
        checkServiceRole(project.serviceRole);
        projects.put(project.name, project);
        return { project: describeProject(project) };
      },
    },
    UpdateProject: {
      permissions: (input, context) => onProject("UpdateProject", input.name, context),
      run(input, { account }) {
        const updated = updatedProject(getProject(store, input.name), input, now());
        checkImageCredentials(updated.environment, account);
        if (input.serviceRole !== undefined) checkServiceRole(input.serviceRole);
        projects.put(updated.name, updated);
        return { project: describeProject(updated) };
      },
    },
    DeleteProject: {
      permissions: (input, context) => onProject("DeleteProject", input.name, context),
      // Deleting what is not there succeeds, as on AWS. Builds stay.
      run(input) {
        projects.delete(projectNameOf(input.name ?? ""));
        return {};
      },
    },
    BatchGetProjects: {
      permissions: (input, context) =>
        (input.names ?? []).flatMap((name) => onProject("BatchGetProjects", name, context)),
      run(input) {
        checkLength(input.names, "names", 100);
        const { found, missing } = lookUp(input.names, (name) => projects.get(projectNameOf(name)));
        return { projects: found.map(describeProject), projectsNotFound: missing };
      },
    },
    ListProjects: {
      permissions: () => [{ action: "codebuild:ListProjects", resource: "*" }],
      run(input) {
        const { page, next } = pageOf(sortedNames(projects.list(), input), input.nextToken);
        return { projects: page, ...(next === undefined ? {} : { nextToken: next }) };
      },
    },
  } satisfies Operations<typeof Sdk>;
}

/** Required members are there: the wire layer has checked them. */
function newProject(input: Sdk.CreateProjectCommandInput, { region, account }: CallContext, time: Date): ProjectRecord {
  const read = readProjectInput(input) as Pick<
    ProjectRecord,
    "name" | "source" | "artifacts" | "environment" | "serviceRole" | "settings"
  >;
  checkPipelineTypes(read);
  checkImageCredentials(read.environment, account);
  return {
    timeoutInMinutes: 60,
    queuedTimeoutInMinutes: 480,
    tags: [],
    ...read,
    arn: `arn:aws:codebuild:${region}:${account}:project/${read.name}`,
    builds: 0,
    created: time.getTime(),
    lastModified: time.getTime(),
  };
}

function updatedProject(project: ProjectRecord, input: Sdk.UpdateProjectCommandInput, time: Date): ProjectRecord {
  // -1 takes the limit away.
  const noLimit = input.concurrentBuildLimit === -1 ? { concurrentBuildLimit: undefined } : {};
  const { settings: given, ...read } = readProjectInput({ ...input, ...noLimit, name: project.name });
  const settings = { ...project.settings, ...given, ...noLimit };
  const updated = { ...project, ...read, settings, lastModified: time.getTime() };
  checkPipelineTypes(updated);
  return updated;
}

function sortedNames(projects: ProjectRecord[], { sortBy, sortOrder }: Sdk.ListProjectsCommandInput): string[] {
  checkEnum(sortBy, "sortBy", ["NAME", "CREATED_TIME", "LAST_MODIFIED_TIME"]);
  checkEnum(sortOrder, "sortOrder", ["ASCENDING", "DESCENDING"]);
  const time = { CREATED_TIME: "created", LAST_MODIFIED_TIME: "lastModified" } as const;
  const key = sortBy === "CREATED_TIME" || sortBy === "LAST_MODIFIED_TIME" ? time[sortBy] : undefined;
  const sorted = key === undefined ? projects : projects.toSorted((one, other) => one[key] - other[key]);
  const names = sorted.map(({ name }) => name);
  return sortOrder === "DESCENDING" ? names.reverse() : names;
}
