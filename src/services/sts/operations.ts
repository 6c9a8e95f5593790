import type * as Sdk from "@aws-sdk/client-sts";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Credential, Operations } from "../../aws-api/service.ts";
import { checkAssumeRoleInput, readDuration, unsupportedOption } from "./session-input.ts";
import type { Sts } from "./sts.ts";
import { isTrustedByName } from "./trusted-by-name.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html */
export function stsOperations(sts: Sts): Operations<typeof Sdk> {
  return {
    GetCallerIdentity: {
      // AWS asks for no permission, and lets none be denied.
      permissions: () => [],
      run: (_input, { principal }) => ({ UserId: principal.userId, Account: principal.account, Arn: principal.arn }),
    },
    AssumeRole: {
      permissions(input, { principal }) {
        const role = sts.roles.findRole(input.RoleArn ?? "");
        if (role !== undefined && isTrustedByName(role.trustPolicy, principal)) return [];
        return [{ action: "sts:AssumeRole", resource: input.RoleArn ?? "*" }];
      },
      run(input, { principal }) {
        checkAssumeRoleInput(input);
        const credential = sts.assumeRole({
          roleArn: input.RoleArn ?? "",
          sessionName: input.RoleSessionName ?? "",
          caller: principal,
          durationSeconds: readDuration(input.DurationSeconds, 900, 43_200, 3600),
          externalId: input.ExternalId,
        });
        const { arn, userId } = credential.principal;
        return {
          Credentials: describeCredential(credential),
          AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
        };
      },
    },
    GetSessionToken: {
      // AWS asks for no permission.
      permissions: () => [],
      run(input, { principal }) {
        if (principal.roleName !== undefined) {
          const message = "Cannot call GetSessionToken with session credentials";
          throw new AwsError("AccessDenied", message, { statusCode: 403 });
        }
        if (input.SerialNumber !== undefined) throw unsupportedOption("SerialNumber");
        // The root's sessions last an hour at most, whatever is asked for.
        const seconds = Math.min(readDuration(input.DurationSeconds, 900, 129_600, 3600), 3600);
        return { Credentials: describeCredential(sts.startOwnSession(principal, seconds)) };
      },
    },
  };
}

function describeCredential({ accessKeyId, secretAccessKey, sessionToken, expiration }: Credential) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
  };
}
