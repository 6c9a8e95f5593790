import type { BuildRole, RoleStatement } from "../build-job.ts";
import type { DeclaredSecret } from "../extraction.ts";
import { isSamePattern, mayOverlap } from "./resource-pattern.ts";

export interface SecretAccess {
  /** `unknown`: a policy that is not in the file, or a value that only the stack knows, decides. */
  access: "allowed" | "denied" | "unknown";
  /** The statement that decides; none where no statement speaks of the secret. */
  statement?: RoleStatement;
}

export interface SecretContext {
  /** Those that the template makes. */
  secrets?: readonly DeclaredSecret[];
  /** The project's variables, which CodeBuild puts into the names of secrets. */
  variables?: Readonly<Record<string, string>>;
}

const action = "secretsmanager:GetSecretValue";

/**
 * May the role read the secret? `reference` is as CodeBuild takes it: a name or an ARN, with `:key:stage:version` after it,
 * or `${LogicalId}` of a secret of the template.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decideSecretAccess(role: BuildRole, reference: string, context: SecretContext = {}): SecretAccess {
  // CloudFormation reads it while it makes the stack, with other permissions.
  if (reference.includes("{{resolve:")) return { access: "allowed" };
  const declared = context.secrets ?? [];
  const names = namesOf(putVariables(secretIdOf(reference), context.variables ?? {}), declared);
  const isOther = (resource: string) =>
    declared.some(({ logicalId }) => ownNames(logicalId).includes(resource)) && !names.includes(resource);
  const verdicts = role.statements.map((statement) => ({ statement, match: matchOf(statement, names, isOther) }));
  const find = (effect: RoleStatement["effect"], match: Match) =>
    verdicts.find((verdict) => verdict.statement.effect === effect && verdict.match === match)?.statement;
  const denial = find("Deny", "yes");
  if (denial !== undefined) return { access: "denied", statement: denial };
  const doubt = find("Deny", "maybe");
  const grant = find("Allow", "yes");
  if (grant !== undefined) return { access: doubt === undefined ? "allowed" : "unknown", statement: doubt ?? grant };
  const hope = find("Allow", "maybe");
  if (hope !== undefined) return { access: "unknown", statement: hope };
  return { access: role.hasUnknownPolicies ? "unknown" : "denied" };
}

/** A statement that lets the role read all secrets of the account. */
export function findGrantOfEverySecret({ statements }: BuildRole): RoleStatement | undefined {
  return statements.find(
    (statement) =>
      statement.effect === "Allow" &&
      statement.actions.some((pattern) => isSamePattern(pattern.toLowerCase(), action.toLowerCase())) &&
      statement.resources.some((resource) => /^\*$|^arn:[^:]+:secretsmanager:(?:.*:secret:)?\*$/.test(resource)),
  );
}

/** The identifier without the JSON key, stage and version that CodeBuild takes after it. */
export function secretIdOf(reference: string): string {
  const fields = splitFields(reference);
  // arn:aws:secretsmanager:region:account:secret:name
  return fields.slice(0, fields[0] === "arn" ? 7 : 1).join(":");
}

/** At colons, but not at those of `${AWS::Region}`. */
function splitFields(reference: string): string[] {
  return reference.match(/(?:\$\{[^}]*\}|[^:])+|(?<=:)(?=:|$)/g) ?? [];
}

function putVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}|\$(\w+)/g, (all, braced, bare) => {
    const name = braced ?? bare;
    return Object.hasOwn(variables, name) ? (variables[name] ?? all) : all;
  });
}

/** What follows a secret's name in its ARN, by AWS's choice. */
const suffix = "-??????";

/** What the secret may be called by in a policy; `?` and `${…}` for what is not known. */
function namesOf(id: string, declared: readonly DeclaredSecret[]): string[] {
  const arnOf = (name: string) => `arn:aws:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}`;
  const [, logicalId] = /^\$\{(\w+)(?:\.(?:Id|Arn))?\}$/.exec(id) ?? [];
  const secret = declared.find((one) => one.logicalId === logicalId || (one.name !== undefined && one.name === id));
  if (secret !== undefined) {
    return [...ownNames(secret.logicalId), arnOf((secret.name ?? `${secret.logicalId}-\${Random}`) + suffix)];
  }
  // Whole, or without the part that AWS has added.
  if (id.startsWith("arn:")) return /-\w{6}$/.test(id) ? [id] : [`${id}${suffix}`, ...(id.endsWith("}") ? [id] : [])];
  return logicalId === undefined ? [arnOf(`${id}${suffix}`)] : [id, arnOf(`\${${logicalId}}${suffix}`)];
}

/** `Ref` and `GetAtt` of a secret both give its ARN. */
function ownNames(logicalId: string): string[] {
  return [`\${${logicalId}}`, `\${${logicalId}.Id}`];
}

type Match = "yes" | "maybe" | "no";

function matchOf(
  { actions, resources, isConditional }: RoleStatement,
  names: readonly string[],
  isOther: (resource: string) => boolean,
): Match {
  const name = action.toLowerCase();
  const isNamed = actions.some((pattern) => isSamePattern(pattern.toLowerCase(), name));
  if (!isNamed && !actions.some((pattern) => pattern.includes("${"))) return "no";
  const matches = resources
    .filter((resource) => !isOther(resource))
    .flatMap((resource) => names.map((one) => matchOne(resource, one)));
  if (matches.includes("yes")) return isConditional === true || !isNamed ? "maybe" : "yes";
  return matches.includes("maybe") ? "maybe" : "no";
}

function matchOne(resource: string, secret: string): Match {
  const pattern = openArn(resource);
  const arn = openArn(secret);
  // A `Ref` is a whole ARN: it is equal, or is compared by the ARN beside it.
  if (/^\$\{[\w.]+\}$/.test(secret)) return isSamePattern(resource, secret) ? "yes" : "no";
  if (pattern === undefined || arn === undefined) return matchText(resource, secret);
  // What only the stack knows is its own Region and account, on both sides.
  const isElsewhere = (["region", "account"] as const).some(
    (field) => !`${pattern[field]}${arn[field]}`.includes("${") && !isSamePattern(pattern[field], arn[field]),
  );
  return isElsewhere ? "no" : matchText(pattern.name, arn.name);
}

function matchText(pattern: string, text: string): Match {
  if (isSamePattern(pattern, text)) return "yes";
  return mayOverlap(pattern, text) ? "maybe" : "no";
}

function openArn(text: string): { region: string; account: string; name: string } | undefined {
  const [arn, , service, region = "", account = "", ...name] = splitFields(text);
  if (arn !== "arn" || service !== "secretsmanager" || name.length === 0) return undefined;
  return { region, account, name: name.join(":") };
}
