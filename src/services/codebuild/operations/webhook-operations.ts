import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Operations } from "../../../aws-api/service.ts";
import type { CodeBuildStore } from "../codebuild-store.ts";
import type { ProjectRecord, WebhookRecord } from "../project.ts";
import { checkEnum } from "./constraint.ts";
import { getProject, onProject } from "./find-records.ts";
import { invalid, withoutUndefined } from "./project-input.ts";

const providers = ["GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED"];
const filterTypes = [
  ...["EVENT", "BASE_REF", "HEAD_REF", "ACTOR_ACCOUNT_ID", "FILE_PATH", "COMMIT_MESSAGE", "WORKFLOW_NAME"],
  ...["TAG_NAME", "RELEASE_NAME", "REPOSITORY_NAME", "ORGANIZATION_NAME"],
];
const events = [
  ...["PUSH", "PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED", "PULL_REQUEST_MERGED"],
  ...["PULL_REQUEST_CLOSED", "RELEASED", "PRERELEASED", "WORKFLOW_JOB_QUEUED"],
];

/** What says that a webhook here is only kept: an answer without `url`, `payloadUrl` and `secret` names nothing that is called. */
const noEvents = "no event of a provider reaches this machine: its webhooks are kept and never called";

/**
 * Webhooks are kept with their project and shown with it. AWS asks for the provider's source credential first; here
 * nothing is made at the provider, so that none is needed.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateWebhook.html
 */
export function webhookOperations({ projects, ...store }: CodeBuildStore, now: () => Date) {
  const get = (name: string | undefined) => getProject({ projects, ...store }, name);
  const put = (project: ProjectRecord, webhook: WebhookRecord) => {
    projects.put(project.name, { ...project, webhook, lastModified: now().getTime() });
    return { webhook };
  };
  return {
    CreateWebhook: {
      permissions: (input, context) => onProject("CreateWebhook", input.projectName, context),
      run(input) {
        const project = get(input.projectName);
        if (!providers.includes(project.source.type)) {
          throw invalid(`A webhook needs a source of a provider (${providers.join(", ")}), not ${project.source.type}`);
        }
        if (project.webhook !== undefined) {
          throw new AwsError("ResourceAlreadyExistsException", `Webhook already exists for project: ${project.name}`);
        }
        if (input.manualCreation === true) throw unsupported("manualCreation");
        return put(project, readWebhook(input));
      },
    },
    UpdateWebhook: {
      permissions: (input, context) => onProject("UpdateWebhook", input.projectName, context),
      run(input) {
        const project = get(input.projectName);
        if (input.rotateSecret === true) throw unsupported("rotateSecret");
        return put(project, { ...getWebhook(project), ...readWebhook(input) });
      },
    },
    DeleteWebhook: {
      permissions: (input, context) => onProject("DeleteWebhook", input.projectName, context),
      run(input) {
        const project = get(input.projectName);
        getWebhook(project);
        const { webhook: _, ...rest } = project;
        projects.put(project.name, { ...rest, lastModified: now().getTime() });
        return {};
      },
    },
  } satisfies Operations<typeof Sdk>;
}

function unsupported(member: string): AwsError {
  return invalid(`Chubo does not support ${member} of a webhook: ${noEvents} (see docs/deviations.md)`);
}

/** Throws ResourceNotFoundException. */
function getWebhook({ name, webhook }: ProjectRecord): WebhookRecord {
  if (webhook !== undefined) return webhook;
  throw new AwsError("ResourceNotFoundException", `Webhook does not exist for project: ${name}`);
}

function readWebhook(
  input: Omit<Sdk.CreateWebhookCommandInput, "projectName"> & Pick<Sdk.UpdateWebhookCommandInput, "branchFilter">,
): WebhookRecord {
  const { branchFilter, filterGroups, buildType, scopeConfiguration, pullRequestBuildPolicy } = input;
  checkEnum(buildType, "buildType", ["BUILD", "BUILD_BATCH", "RUNNER_BUILDKITE_BUILD"]);
  if (branchFilter !== undefined && filterGroups !== undefined) {
    throw invalid("A webhook has either branchFilter or filterGroups");
  }
  if (branchFilter !== undefined) checkPattern(branchFilter);
  for (const group of filterGroups ?? []) checkGroup(group);
  return withoutUndefined({
    ...{ branchFilter, filterGroups, buildType, scopeConfiguration, pullRequestBuildPolicy },
  }) as WebhookRecord;
}

function checkGroup(group: readonly Sdk.WebhookFilter[]): void {
  for (const { type, pattern = "" } of group) {
    checkEnum(type, "filterGroups.type", filterTypes);
    if (type !== "EVENT") checkPattern(pattern);
    else {
      const unknown = pattern.split(",").find((event) => !events.includes(event.trim()));
      if (unknown !== undefined)
        throw invalid(`Invalid webhook event ${unknown.trim()}: it must be one of ${events.join(", ")}`);
    }
  }
  if (group.every(({ type }) => type !== "EVENT")) throw invalid("Each group of filters needs one of type EVENT");
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw invalid(`Invalid pattern of a webhook filter, which is no regular expression: ${pattern}`);
  }
}
