import { randomBytes } from "node:crypto";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Credential, CredentialSource, Principal } from "../../aws-api/service.ts";

/** A role as sts needs to know it; services/iam keeps them. */
export interface AssumableRole {
  arn: string;
  roleId: string;
  name: string;
  maxSessionDuration: number;
  trustPolicy: string;
}

/** What sts needs of iam. */
export interface RoleDirectory {
  /** By ARN. */
  findRole(arn: string): AssumableRole | undefined;
  trusts(trustPolicy: string, who: { service?: string; principalArn?: string }): boolean;
}

export interface Sts extends CredentialSource {
  /** Credentials for a service that acts on a role; throws AwsError AccessDenied where the role does not trust it. */
  assumeServiceRole(request: {
    roleArn: string;
    sessionName: string;
    service: string;
    durationSeconds: number;
  }): Credential;
  /** Credentials for a caller that may assume the role. */
  assumeRole(request: { roleArn: string; sessionName: string; caller: Principal; durationSeconds: number }): Credential;
  revoke(accessKeyId: string): void;
  /** True while credentials of this principal are in force. */
  isLive(principal: Principal): boolean;
}

export interface StsOptions {
  account: string;
  roles: RoleDirectory;
  now(): Date;
}

/**
 * Credentials of an account. The root's are `test`/`test`, what local tools send by habit; those of role sessions are
 * kept in memory only, so they die with the process.
 */
export function openSts({ account, roles, now }: StsOptions): Sts {
  const root: Credential = {
    accessKeyId: "test",
    secretAccessKey: "test",
    principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
  };
  const sessions = new Map<string, Credential>();
  const issue = (role: AssumableRole, sessionName: string, durationSeconds: number): Credential => {
    const credential: Credential = {
      accessKeyId: `ASIA${randomCharacters(16)}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(96).toString("base64"),
      expiration: new Date(now().getTime() + durationSeconds * 1000),
      principal: {
        arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
        account,
        userId: `${role.roleId}:${sessionName}`,
        roleName: role.name,
      },
    };
    sessions.set(credential.accessKeyId, credential);
    return credential;
  };
  return {
    findCredential: (accessKeyId) => (accessKeyId === root.accessKeyId ? root : sessions.get(accessKeyId)),
    assumeServiceRole({ roleArn, sessionName, service, durationSeconds }) {
      const role = roles.findRole(roleArn);
      if (role === undefined || !roles.trusts(role.trustPolicy, { service })) {
        const name = service === "codebuild.amazonaws.com" ? "CodeBuild" : service;
        const message = `${name} is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The provided service role exists, 2) The role name is case-sensitive and matches exactly, and 3) The role has the necessary trust policy configured: ${roleArn}`;
        throw new AwsError("AccessDenied", message, { statusCode: 403 });
      }
      return issue(role, sessionName, durationSeconds);
    },
    assumeRole({ roleArn, sessionName, caller, durationSeconds }) {
      const role = roles.findRole(roleArn);
      if (role === undefined || !roles.trusts(role.trustPolicy, { principalArn: caller.arn })) {
        const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
        throw new AwsError("AccessDenied", message, { statusCode: 403 });
      }
      if (durationSeconds > role.maxSessionDuration) {
        throw new AwsError(
          "ValidationError",
          "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
      }
      return issue(role, sessionName, durationSeconds);
    },
    revoke: (accessKeyId) => void sessions.delete(accessKeyId),
    isLive: ({ roleName, userId }) =>
      roleName === undefined ||
      [...sessions.values()].some(
        ({ principal, expiration }) => principal.userId === userId && (expiration ?? now()) >= now(),
      ),
  };
}

/** Base-32 characters, as in AWS's key IDs. */
function randomCharacters(count: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...randomBytes(count)].map((byte) => alphabet[byte & 31]).join("");
}
