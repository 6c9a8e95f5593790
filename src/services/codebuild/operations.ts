import type * as Sdk from "@aws-sdk/client-codebuild";
import type { Operations } from "../../aws-api/service.ts";
import type { CodeBuild } from "./codebuild.ts";
import { batchOperations } from "./operations/batch-operations.ts";
import { buildOperations } from "./operations/build-operations.ts";
import { cacheOperations } from "./operations/cache-operations.ts";
import { machineOperations } from "./operations/machine-operations.ts";
import { projectOperations } from "./operations/project-operations.ts";
import { projectSettingOperations } from "./operations/project-setting-operations.ts";
import { reportGroupOperations } from "./operations/report-group-operations.ts";
import { reportOperations } from "./operations/report-operations.ts";
import { resourcePolicyOperations } from "./operations/resource-policy-operations.ts";
import { sourceCredentialOperations } from "./operations/source-credential-operations.ts";
import { webhookOperations } from "./operations/webhook-operations.ts";

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Operations.html */
export function codeBuildOperations(codeBuild: CodeBuild, now: () => Date): Operations<typeof Sdk> {
  const { reports } = codeBuild.store;
  return {
    ...projectOperations(codeBuild, now),
    ...buildOperations(codeBuild, now),
    ...cacheOperations(codeBuild),
    ...batchOperations(codeBuild, now),
    ...reportGroupOperations(reports, now),
    ...reportOperations(reports),
    ...sourceCredentialOperations(codeBuild.store.sourceCredentials),
    ...webhookOperations(codeBuild.store, now),
    ...resourcePolicyOperations(codeBuild.store),
    ...projectSettingOperations(codeBuild.store),
    ...machineOperations(),
  };
}
