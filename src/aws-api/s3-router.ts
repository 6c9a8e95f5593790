import { s3TargetOf } from "./s3-target.ts";
import { type OperationSchema, requiredMembers, type ServiceSchemas } from "./service-schemas.ts";
import type { WireRequest } from "./wire.ts";

/** What tells an operation from the others. */
interface Route {
  name: string;
  method: string;
  about: "service" | "bucket" | "object";
  /** Query names with their values, where these matter. */
  query: [name: string, value: string | undefined][];
  /** Sent by the SDK for JavaScript alone. */
  xId: string | undefined;
  headers: string[];
}

/**
 * Finds operations by method, by what the request is about, and by the query and header names that tell operations of one
 * path apart (`?uploads`, `?uploadId=`, `x-amz-copy-source`): of all that fit, the one that asks for most.
 */
export function createS3Router(schemas: ServiceSchemas): (request: WireRequest) => string | undefined {
  const routes = [...schemas.operations.values()].map(routeOf).filter((route) => route !== undefined);
  return (request) => {
    const { bucket, key } = s3TargetOf(request);
    const about = key !== undefined ? "object" : bucket !== undefined ? "bucket" : "service";
    let best: { name: string; weight: number } | undefined;
    for (const route of routes) {
      if (route.method !== request.method || route.about !== about || !fits(route, request)) continue;
      const weight = 2 * (route.query.length + route.headers.length) + Number(isNamed(route, request));
      if (weight > (best?.weight ?? -1)) best = { name: route.name, weight };
    }
    return best?.name;
  };
}

/** Undefined for operations that have a host of their own: directory buckets, and the answers of Object Lambda. */
function routeOf({ name, http, input }: OperationSchema): Route | undefined {
  const [method = "", template = ""] = http ?? [];
  const [path, query = ""] = template.split("?");
  if (name === "ListDirectoryBuckets" || (path !== "/" && path !== "/{Key+}")) return undefined;
  const required = requiredMembers(input);
  const traits = required.map((member) => input.getMemberSchema(member).getMergedTraits());
  const literals = [...new URLSearchParams(query)];
  return {
    name,
    method,
    about: path !== "/" ? "object" : required.includes("Bucket") ? "bucket" : "service",
    query: [
      ...literals
        .filter(([literal]) => literal !== "x-id")
        .map(([literal, value]): Route["query"][number] => [literal, value === "" ? undefined : value]),
      ...textsOf(traits, "httpQuery").map((literal): Route["query"][number] => [literal, undefined]),
    ],
    xId: literals.find(([literal]) => literal === "x-id")?.[1],
    headers: textsOf(traits, "httpHeader").map((header) => header.toLowerCase()),
  };
}

function textsOf(traits: object[], name: string): string[] {
  return traits.map((row) => (row as Record<string, unknown>)[name]).filter((text) => typeof text === "string");
}

function fits({ query, headers }: Route, request: WireRequest): boolean {
  return (
    query.every(
      ([name, value]) => request.query.has(name) && (value === undefined || request.query.get(name) === value),
    ) && headers.every((name) => request.headers[name] !== undefined)
  );
}

function isNamed({ xId }: Route, { query }: WireRequest): boolean {
  return xId !== undefined && query.get("x-id") === xId;
}
