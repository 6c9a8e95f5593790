import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Operations } from "../../../aws-api/service.ts";
import type { Collection } from "../../../store/store.ts";
import type { SourceCredentialRecord } from "../source-credential.ts";
import { checkEnum, checkLength } from "./constraint.ts";
import { invalid } from "./project-input.ts";

const serverTypes = ["GITHUB", "BITBUCKET", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED"];
const authTypes = ["OAUTH", "BASIC_AUTH", "PERSONAL_ACCESS_TOKEN", "CODECONNECTIONS", "SECRETS_MANAGER"];

/** One credential a server type. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ImportSourceCredentials.html */
export function sourceCredentialOperations(credentials: Collection<SourceCredentialRecord>) {
  const onAll = (operation: string) => () => [{ action: `codebuild:${operation}`, resource: "*" }];
  return {
    ImportSourceCredentials: {
      permissions: onAll("ImportSourceCredentials"),
      run(input, { region, account }) {
        checkCredential(input);
        const { serverType = "", authType = "", token = "", username } = input;
        const existing = credentials.get(serverType);
        if (existing !== undefined && input.shouldOverwrite === false) {
          const message = `Access token with server type ${serverType} already exists. Delete its source credential and try again.`;
          throw new AwsError("ResourceAlreadyExistsException", message);
        }
        const arn = `arn:aws:codebuild:${region}:${account}:token/${serverType.toLowerCase()}`;
        const resource = token.startsWith("arn:") && isReference(authType) ? { resource: token } : {};
        const record = { arn, serverType, authType, token, ...resource };
        credentials.put(serverType, username === undefined ? record : { ...record, username });
        return { arn };
      },
    },
    ListSourceCredentials: {
      permissions: onAll("ListSourceCredentials"),
      run: () => ({
        sourceCredentialsInfos: credentials.list().map(({ arn, serverType, authType, resource }) => ({
          arn,
          serverType: serverType as Sdk.ServerType,
          authType: authType as Sdk.AuthType,
          ...(resource !== undefined && { resource }),
        })),
      }),
    },
    DeleteSourceCredentials: {
      permissions: onAll("DeleteSourceCredentials"),
      run({ arn }) {
        const found = credentials.list().find((credential) => credential.arn === arn);
        if (found === undefined)
          throw new AwsError("ResourceNotFoundException", `Source credential does not exist: ${arn}`);
        credentials.delete(found.serverType);
        return { arn: found.arn };
      },
    },
  } satisfies Operations<typeof Sdk>;
}

function isReference(authType: string): boolean {
  return authType === "CODECONNECTIONS" || authType === "SECRETS_MANAGER";
}

function checkCredential({
  serverType,
  authType,
  token = "",
  username,
}: Sdk.ImportSourceCredentialsCommandInput): void {
  checkEnum(serverType, "serverType", serverTypes);
  checkEnum(authType, "authType", authTypes);
  checkLength(token, "token", 100_000);
  if (authType === "OAUTH") throw invalid("An OAUTH connection is made in the console of CodeBuild, not by its API");
  if (authType === "BASIC_AUTH" && (serverType !== "BITBUCKET" || (username ?? "") === "")) {
    throw invalid("BASIC_AUTH is for BITBUCKET, and needs a username");
  }
  if (isReference(authType ?? "") && !token.startsWith("arn:")) {
    throw invalid(`The token of authType ${authType} must be an ARN`);
  }
}
