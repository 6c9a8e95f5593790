import { randomBytes } from "node:crypto";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { Credential, CredentialSource, Principal } from "../../aws-api/service.ts";

/** A role as sts needs to know it; services/iam keeps them. */
export interface AssumableRole {
  arn: string;
  roleId: string;
  name: string;
  /** Seconds. */
  maxSessionDuration: number;
  trustPolicy: string;
}

/** What sts needs of iam. */
export interface RoleDirectory {
  findRole(arnOrName: string): AssumableRole | undefined;
  trusts(
    trustPolicy: string,
    caller: { service?: string; principalArn?: string; conditionValues?: Record<string, string> },
  ): boolean;
}

export interface Sts extends CredentialSource {
  roles: RoleDirectory;
  /** Credentials for a service that acts on a role; throws AwsError AccessDenied where the role does not trust it. */
  assumeServiceRole(request: {
    roleArn: string;
    sessionName: string;
    /** `codebuild.amazonaws.com`. */
    service: string;
    durationSeconds: number;
  }): Credential;
  /** Credentials for a caller whom the role trusts. Throws AwsError. */
  assumeRole(request: AssumeRoleRequest): Credential;
  /** Temporary credentials of the caller itself. */
  startOwnSession(principal: Principal, durationSeconds: number): Credential;
  revoke(accessKeyId: string): void;
  /** True while credentials of this principal are in force. */
  isLive(principal: Principal): boolean;
}

export interface AssumeRoleRequest {
  roleArn: string;
  sessionName: string;
  caller: Principal;
  durationSeconds: number;
  externalId?: string | undefined;
}

export interface StsOptions {
  account: string;
  roles: RoleDirectory;
  now(): Date;
  randomBytes?(size: number): Buffer;
}

const rootKey = "test";
const serviceNames: Record<string, string> = { "codebuild.amazonaws.com": "CodeBuild" };
/** How long an expired key is still told from an unknown one. */
const memory = 3600_000;

/**
 * Credentials of an account. The root's are `test`/`test`, what local tools send by habit; those of sessions are kept in
 * memory only, so they die with the process.
 */
export function openSts({ account, roles, now, randomBytes: random = randomBytes }: StsOptions): Sts {
  const rootPrincipal = { arn: `arn:aws:iam::${account}:root`, account, userId: account };
  const root: Credential = { accessKeyId: rootKey, secretAccessKey: rootKey, principal: rootPrincipal };
  const sessions = new Map<string, Credential>();

  function issue(principal: Principal, durationSeconds: number): Credential {
    const time = now().getTime();
    for (const [key, { expiration }] of sessions) {
      if (expiration !== undefined && expiration.getTime() < time - memory) sessions.delete(key);
    }
    const credential: Credential = {
      accessKeyId: `ASIA${formatKeyCharacters(random(16))}`,
      secretAccessKey: random(30).toString("base64"),
      sessionToken: random(96).toString("base64"),
      // AWS gives whole seconds.
      expiration: new Date(Math.floor(time / 1000) * 1000 + durationSeconds * 1000),
      principal,
    };
    sessions.set(credential.accessKeyId, credential);
    return credential;
  }
  const issueFor = (role: AssumableRole, sessionName: string, durationSeconds: number) =>
    issue(sessionPrincipal(account, role, sessionName), durationSeconds);
  return {
    roles,
    findCredential: (accessKeyId) => (accessKeyId === rootKey ? root : sessions.get(accessKeyId)),
    assumeServiceRole({ roleArn, sessionName, service, durationSeconds }) {
      const role = roles.findRole(roleArn);
      if (role === undefined || !roles.trusts(role.trustPolicy, { service })) {
        throw serviceRoleRefused(service, roleArn);
      }
      return issueFor(role, sessionName, durationSeconds);
    },
    assumeRole({ roleArn, sessionName, caller, durationSeconds, externalId }) {
      const role = roles.findRole(roleArn);
      const conditionValues = externalId === undefined ? {} : { "sts:externalid": externalId };
      if (role === undefined || !roles.trusts(role.trustPolicy, { principalArn: caller.arn, conditionValues })) {
        const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
        throw new AwsError("AccessDenied", message, { statusCode: 403 });
      }
      checkSessionLimit(role, caller, durationSeconds);
      return issueFor(role, sessionName, durationSeconds);
    },
    startOwnSession: issue,
    revoke: (accessKeyId) => void sessions.delete(accessKeyId),
    isLive({ roleName, userId }) {
      if (roleName === undefined) return true;
      const time = now();
      for (const { principal, expiration = time } of sessions.values()) {
        if (principal.userId === userId && expiration >= time) return true;
      }
      return false;
    },
  };
}

function sessionPrincipal(account: string, role: AssumableRole, sessionName: string): Principal {
  return {
    arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
    account,
    userId: `${role.roleId}:${sessionName}`,
    roleName: role.name,
  };
}

function serviceRoleRefused(service: string, roleArn: string): AwsError {
  const name = serviceNames[service] ?? service;
  const message = `${name} is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The provided service role exists, 2) The role name is case-sensitive and matches exactly, and 3) The role has the necessary trust policy configured: ${roleArn}`;
  return new AwsError("AccessDenied", message, { statusCode: 403 });
}

/** A role that is assumed from a role's session lasts an hour at most. */
function checkSessionLimit(role: AssumableRole, caller: Principal, durationSeconds: number): void {
  let message: string | undefined;
  if (durationSeconds > role.maxSessionDuration) {
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
  } else if (caller.roleName !== undefined && durationSeconds > 3600) {
    message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
  }
  if (message !== undefined) throw new AwsError("ValidationError", message, { statusCode: 400 });
}

/** Base-32 characters, as in AWS's key IDs. */
function formatKeyCharacters(bytes: Buffer): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...bytes].map((byte) => alphabet[byte & 31]).join("");
}
