import { malformed } from "./iam-error.ts";
import { parseCondition, type StatementCondition } from "./policy-condition.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyDocument {
  /** Policy variables are resolved only with 2012-10-17; what names no version is 2008-10-17. */
  version: "2008-10-17" | "2012-10-17";
  statements: Statement[];
}

export interface Statement {
  sid?: string;
  effect: "Allow" | "Deny";
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  principals?: PrincipalElement;
  notPrincipals?: PrincipalElement;
  conditions: StatementCondition[];
}

export type PrincipalElement = "*" | Partial<Record<PrincipalType, string[]>>;
type PrincipalType = (typeof principalTypes)[number];

/** An identity policy has resources and no principal, a trust policy has principals and no resource. */
export type PolicyKind = "identity" | "trust";

const principalTypes = ["AWS", "Service", "Federated", "CanonicalUser"] as const;
const topElements = ["Version", "Id", "Statement"];
const statementElements = [
  ...["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"],
  ...["Principal", "NotPrincipal", "Condition"],
];

const servicePrincipal = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/;

/** Throws MalformedPolicyDocument. Messages in AWS's wording are from memory; the others name the element. */
export function parsePolicyDocument(text: string, kind: PolicyKind): PolicyDocument {
  const root = parseRoot(text, kind);
  refuseUnknown(root, topElements, "policy");
  const version = parseVersion(root.Version);
  if (root.Id !== undefined && typeof root.Id !== "string") throw malformed("The policy's Id must be a string.");
  const list = Array.isArray(root.Statement) ? root.Statement : [root.Statement];
  if (root.Statement === undefined || list.length === 0) throw malformed("Syntax errors in policy.");
  const statements = list.map((statement) => parseStatement(statement, kind));
  const sids = statements.flatMap(({ sid }) => sid || []);
  if (new Set(sids).size !== sids.length) throw malformed("Statement IDs (SID) in a single policy must be unique.");
  return { version, statements };
}

function parseRoot(text: string, kind: PolicyKind): Record<string, unknown> {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw malformed(kind === "trust" ? "This policy contains invalid Json" : "Syntax errors in policy.", cause);
  }
  if (!isObject(root)) throw malformed("Syntax errors in policy.");
  return root;
}

function parseVersion(version: unknown): PolicyDocument["version"] {
  if (version === undefined) return "2008-10-17";
  if (version === "2008-10-17" || version === "2012-10-17") return version;
  throw malformed("The policy must contain a valid version string");
}

function parseStatement(value: unknown, kind: PolicyKind): Statement {
  if (!isObject(value)) throw malformed("Syntax errors in policy.");
  refuseUnknown(value, statementElements, "statement");
  const { Effect: effect, Condition: condition } = value;
  if (effect !== "Allow" && effect !== "Deny") {
    throw malformed(`A statement's Effect must be Allow or Deny, not ${JSON.stringify(effect) ?? "absent"}.`);
  }
  const statement: Statement = {
    effect,
    ...parseSid(value.Sid),
    ...pickLists(value, { actions: "Action", notActions: "NotAction" }),
    ...pickLists(value, { resources: "Resource", notResources: "NotResource" }),
    ...parsePrincipals(value, "principals", "Principal"),
    ...parsePrincipals(value, "notPrincipals", "NotPrincipal"),
    conditions: condition === undefined ? [] : parseConditions(condition),
  };
  checkActions(statement, kind);
  if (kind === "identity") checkIdentityStatement(statement);
  else checkTrustStatement(statement);
  return statement;
}

function parseSid(sid: unknown): { sid?: string } {
  if (sid === undefined) return {};
  if (typeof sid === "string" && /^[0-9A-Za-z]*$/.test(sid)) return { sid };
  throw malformed(
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
  );
}

function pickLists<K extends string>(value: Record<string, unknown>, elements: Record<K, string>) {
  const lists: Partial<Record<K, string[]>> = {};
  for (const [key, element] of Object.entries(elements) as [K, string][]) {
    if (value[element] !== undefined) lists[key] = parseList(value[element], element);
  }
  if (Object.keys(lists).length > 1) {
    throw malformed(`A statement may have only one of ${Object.values(elements).join(" and ")}.`);
  }
  return lists;
}

function parseList(value: unknown, element: string): string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === "string" && item !== "")) return list;
  throw malformed(`${element} must be a string or a list of strings that are not empty.`);
}

function parsePrincipals<K extends string>(value: Record<string, unknown>, key: K, element: string) {
  const given = value[element];
  const parsed: Partial<Record<K, PrincipalElement>> = {};
  if (given === undefined) return parsed;
  if (given === "*") return { ...parsed, [key]: "*" as const };
  if (!isObject(given)) throw malformed(`Invalid principal in policy: ${JSON.stringify(given)}`);
  const principals: Partial<Record<PrincipalType, string[]>> = {};
  for (const [type, names] of Object.entries(given)) {
    if (!isPrincipalType(type)) throw malformed(`Invalid principal in policy: "${type}"`);
    principals[type] = parseList(names, element);
  }
  return { ...parsed, [key]: principals };
}

function isPrincipalType(type: string): type is PrincipalType {
  return (principalTypes as readonly string[]).includes(type);
}

function parseConditions(value: unknown): StatementCondition[] {
  if (!isObject(value)) throw malformed("Syntax errors in policy.");
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw malformed(`The condition ${operator} must be an object of condition keys.`);
    return Object.entries(keys).map(([key, values]) => parseCondition(operator, key, values));
  });
}

function checkActions(statement: Statement, kind: PolicyKind): void {
  const actions = statement.actions ?? statement.notActions ?? [];
  if (actions.length === 0) throw malformed("Policy statement must contain actions.");
  for (const action of actions) {
    if (action === "*") continue;
    const [vendor, name, ...rest] = action.split(":");
    if (name === undefined) {
      throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    if (rest.length > 0) throw malformed("Actions/Condition can contain only one colon.");
    if (!/^[0-9A-Za-z-]+$/.test(vendor as string)) throw malformed(`Vendor ${vendor} is not valid`);
    if (name === "") throw malformed(`The action ${action} has no name.`);
    if (kind === "trust" && vendor?.toLowerCase() !== "sts") {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
  }
}

function checkIdentityStatement(statement: Statement): void {
  if (statement.principals ?? statement.notPrincipals) {
    throw malformed("Policy document should not specify a principal.");
  }
  const resources = statement.resources ?? statement.notResources ?? [];
  if (resources.length === 0) throw malformed("Policy statement must contain resources.");
  for (const resource of resources) checkResource(resource);
}

function checkResource(resource: string): void {
  if (/^\*+$/.test(resource)) return;
  const [prefix, partition = ""] = resource.split(":");
  if (!resource.includes(":") || !/^(arn|ar\*|a\*|\*.*)$/.test(prefix as string)) {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (!/[*?]/.test(partition) && !/^aws(-[a-z]+)*$/.test(partition)) {
    throw malformed(`Partition "${partition}" is not valid for resource "${resource}".`);
  }
}

function checkTrustStatement(statement: Statement): void {
  if (statement.resources ?? statement.notResources) throw malformed("Has prohibited field Resource");
  if (statement.principals === undefined && statement.notPrincipals === undefined) {
    throw malformed("Missing required field Principal");
  }
  if (statement.notPrincipals !== undefined && statement.effect === "Allow") {
    throw malformed("Allow with NotPrincipal is not allowed.");
  }
  if (statement.principals === "*") return;
  for (const name of statement.principals?.AWS ?? []) checkAwsPrincipal(name);
  for (const name of statement.principals?.Service ?? []) {
    if (!servicePrincipal.test(name)) throw malformed(`Invalid principal in policy: "SERVICE":"${name}"`);
  }
}

function checkAwsPrincipal(name: string): void {
  const isValid = name === "*" || /^\d{12}$/.test(name) || /^arn:aws[a-z-]*:(iam|sts)::\d{12}:[^*?]+$/.test(name);
  const isUniqueId = /^A(ROA|IDA)[A-Z0-9]{12,}$/.test(name);
  if (!isValid && !isUniqueId) throw malformed(`Invalid principal in policy: "AWS":"${name}"`);
}

function refuseUnknown(value: Record<string, unknown>, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw malformed(`Syntax errors in policy. A ${where} has no element ${unknown}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
