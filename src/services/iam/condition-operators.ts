import { BlockList, isIP } from "node:net";
import { matchesArn, matchesWildcard, type Pattern } from "./wildcard.ts";

export interface ValueTest {
  isNegated: boolean;
  /** Whether a value of the call matches one value of the policy; the negation is applied afterwards. */
  matches(pattern: Pattern, value: string): boolean;
  /** Whether the policy's value can be compared so. */
  isValid?(text: string): boolean;
}

/** The test of an operator without its quantifier and IfExists, but for Null; undefined where there is none. */
export function findOperator(name: string): ValueTest | undefined {
  return Object.hasOwn(operators, name) ? operators[name] : undefined;
}

const textOf = (pattern: Pattern) => pattern.map((piece) => piece.text).join("");
const literal = (compare: (wanted: string, value: string) => boolean) => (pattern: Pattern, value: string) =>
  compare(textOf(pattern), value);

const stringEquals = literal((wanted, value) => wanted === value);
const stringEqualsIgnoreCase = literal((wanted, value) => wanted.toLowerCase() === value.toLowerCase());
const stringLike = (pattern: Pattern, value: string) => matchesWildcard(pattern, value);

const numberOf = (text: string) => (text.trim() === "" ? Number.NaN : Number(text));
const isNumber = (text: string) => !Number.isNaN(numberOf(text));
/** ISO 8601 or seconds since 1970. */
const timeOf = (text: string) =>
  /^\d+(\.\d+)?$/.test(text) && text.length > 4 ? Number(text) * 1000 : Date.parse(text);
const isTime = (text: string) => !Number.isNaN(timeOf(text));

const orders: Record<string, (value: number, wanted: number) => boolean> = {
  Equals: (value, wanted) => value === wanted,
  LessThan: (value, wanted) => value < wanted,
  LessThanEquals: (value, wanted) => value <= wanted,
  GreaterThan: (value, wanted) => value > wanted,
  GreaterThanEquals: (value, wanted) => value >= wanted,
};

const operators: Record<string, ValueTest> = {
  StringEquals: { isNegated: false, matches: stringEquals },
  StringNotEquals: { isNegated: true, matches: stringEquals },
  StringEqualsIgnoreCase: { isNegated: false, matches: stringEqualsIgnoreCase },
  StringNotEqualsIgnoreCase: { isNegated: true, matches: stringEqualsIgnoreCase },
  StringLike: { isNegated: false, matches: stringLike },
  StringNotLike: { isNegated: true, matches: stringLike },
  // ArnEquals and ArnLike behave alike.
  ArnEquals: { isNegated: false, matches: matchesArn },
  ArnLike: { isNegated: false, matches: matchesArn },
  ArnNotEquals: { isNegated: true, matches: matchesArn },
  ArnNotLike: { isNegated: true, matches: matchesArn },
  Bool: { isNegated: false, matches: stringEqualsIgnoreCase, isValid: (text) => /^(true|false)$/i.test(text) },
  BinaryEquals: { isNegated: false, matches: stringEquals },
  IpAddress: { isNegated: false, matches: literal(isInRange), isValid: isRange },
  NotIpAddress: { isNegated: true, matches: literal(isInRange), isValid: isRange },
  ...orderedOperators("Numeric", numberOf, isNumber),
  ...orderedOperators("Date", timeOf, isTime),
};

function orderedOperators(type: string, parse: (text: string) => number, isValid: (text: string) => boolean) {
  const compare = (order: (value: number, wanted: number) => boolean) =>
    literal((wanted, value) => order(parse(value), parse(wanted)));
  const positive = Object.entries(orders).map(([name, order]): [string, ValueTest] => [
    `${type}${name}`,
    { isNegated: false, matches: compare(order), isValid },
  ]);
  const notEquals: ValueTest = { isNegated: true, matches: compare(orders.Equals as (typeof orders)[string]), isValid };
  return { ...Object.fromEntries(positive), [`${type}NotEquals`]: notEquals };
}

function parseRange(text: string): { address: string; prefix: number; family: "ipv4" | "ipv6" } | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : /^\d+$/.test(length) ? Number(length) : -1;
  if (version === 0 || rest.length > 0 || prefix < 0 || prefix > bits) return undefined;
  return { address, prefix, family: version === 6 ? "ipv6" : "ipv4" };
}

function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

function isInRange(range: string, address: string): boolean {
  const parsed = parseRange(range);
  const version = isIP(address);
  if (parsed === undefined || version === 0) return false;
  const list = new BlockList();
  list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  return list.check(address, version === 6 ? "ipv6" : "ipv4");
}
