import { invalidParameter } from "./ecr-errors.ts";

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html */
export interface LifecycleRule {
  rulePriority: number;
  tagStatus: "tagged" | "untagged" | "any";
  /** Of each of these the image must have a tag. */
  tagPrefixes: string[];
  tagPatterns: string[];
  countType: "imageCountMoreThan" | "sinceImagePushed";
  /** Images, or days. */
  countNumber: number;
}

/** Rules by priority. Throws InvalidParameterException and says what is wrong. */
export function parseLifecyclePolicy(text: string): LifecycleRule[] {
  const { rules } = asObject(parseJson(text), "the policy");
  if (!Array.isArray(rules) || rules.length === 0) throw invalid("rules must be a list with at least one rule");
  const parsed = rules.map(parseRule).sort((one, other) => one.rulePriority - other.rulePriority);
  checkTogether(parsed);
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid("it is not JSON");
  }
}

function parseRule(value: unknown, position: number): LifecycleRule {
  const place = `rule ${position + 1}`;
  const { rulePriority, selection: selected, action } = asObject(value, place);
  const selection = asObject(selected, `selection of ${place}`);
  const { tagStatus, countType, countNumber, countUnit } = selection;
  if (!isPositiveInteger(rulePriority)) throw invalid(`rulePriority of ${place} must be a positive integer`);
  if (asObject(action, `action of ${place}`).type !== "expire") throw unsupported(place, "any action but expire");
  if (tagStatus !== "tagged" && tagStatus !== "untagged" && tagStatus !== "any") {
    throw invalid(`tagStatus of ${place} must be tagged, untagged or any`);
  }
  if (countType !== "imageCountMoreThan" && countType !== "sinceImagePushed") {
    throw unsupported(place, `countType ${countType}`);
  }
  if (!isPositiveInteger(countNumber)) throw invalid(`countNumber of ${place} must be a positive integer`);
  if ((countType === "sinceImagePushed") !== (countUnit === "days")) {
    throw invalid(`countUnit of ${place} must be days with sinceImagePushed, and absent otherwise`);
  }
  const tagPrefixes = readTexts(selection.tagPrefixList, `tagPrefixList of ${place}`);
  const tagPatterns = readTexts(selection.tagPatternList, `tagPatternList of ${place}`);
  const lists = [tagPrefixes, tagPatterns].filter(({ length }) => length > 0).length;
  if (lists !== (tagStatus === "tagged" ? 1 : 0)) {
    throw invalid(
      `${place} must have one of tagPrefixList and tagPatternList if tagStatus is tagged, and none otherwise`,
    );
  }
  return { rulePriority, tagStatus, tagPrefixes, tagPatterns, countType, countNumber };
}

function checkTogether(rules: readonly LifecycleRule[]): void {
  const priorities = new Set(rules.map(({ rulePriority }) => rulePriority));
  if (priorities.size < rules.length) throw invalid("rulePriority must be unique");
  if (rules.slice(0, -1).some(({ tagStatus }) => tagStatus === "any")) {
    throw invalid("a rule with tagStatus any must have the highest rulePriority");
  }
  if (rules.filter(({ tagStatus }) => tagStatus === "untagged").length > 1) {
    throw invalid("only one rule may have tagStatus untagged");
  }
}

function readTexts(value: unknown, place: string): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((text) => typeof text === "string" && text !== "")) return value;
  throw invalid(`${place} must be a list of texts`);
}

function asObject(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(`${place} must be an object`);
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function unsupported(place: string, what: string) {
  return invalid(`${what} is not supported here (${place})`);
}

/** AWS's frame; the reasons are our own words. */
function invalid(reason: string) {
  return invalidParameter(
    `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ${reason}'`,
  );
}
