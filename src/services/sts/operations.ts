import type * as Sdk from "@aws-sdk/client-sts";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Operations } from "../../aws-api/service.ts";
import type { Sts } from "./sts.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html */
export function stsOperations(sts: Sts): Operations<typeof Sdk> {
  return {
    GetCallerIdentity: {
      // AWS asks for no permission, and lets none be denied.
      permissions: () => [],
      run: (_input, { principal }) => ({ Account: principal.account, Arn: principal.arn, UserId: principal.userId }),
    },
    AssumeRole: {
      permissions: (input) => [{ action: "sts:AssumeRole", resource: input.RoleArn ?? "*" }],
      run(input, { principal }) {
        if (input.Policy !== undefined || (input.PolicyArns ?? []).length > 0) {
          throw new AwsError(
            "NotImplemented",
            "Chubo does not support session policies of sts:AssumeRole yet (see docs/deviations.md)",
            {
              statusCode: 501,
            },
          );
        }
        const credential = sts.assumeRole({
          roleArn: input.RoleArn ?? "",
          sessionName: input.RoleSessionName ?? "",
          caller: principal,
          durationSeconds: input.DurationSeconds ?? 3600,
        });
        return {
          Credentials: {
            AccessKeyId: credential.accessKeyId,
            SecretAccessKey: credential.secretAccessKey,
            SessionToken: credential.sessionToken,
            Expiration: credential.expiration,
          },
          AssumedRoleUser: { Arn: credential.principal.arn, AssumedRoleId: credential.principal.userId },
        };
      },
    },
  };
}
