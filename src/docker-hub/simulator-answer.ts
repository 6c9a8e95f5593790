import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { AbuseLimit } from "./abuse-limit.ts";
import { type BlobLinks, createBlobLinks } from "./blob-links.ts";
import { type AddressRules, addressOf } from "./client-address.ts";
import { createDockerHubRegistry } from "./docker-hub-registry.ts";
import type { DockerHubRules } from "./docker-hub-rules.ts";
import { createEcrPublicRegistry } from "./ecr-public-registry.ts";
import type { Fault } from "./fault.ts";
import type { FaultInjection } from "./fault-injection.ts";
import type { PullControl } from "./pull-control.ts";
import { createPullCounter, type PullCounter } from "./pull-counter.ts";
import type { RequestLog, SimulatedRequest } from "./request-log.ts";
import { sendAnswer } from "./send-answer.ts";
import { contentAnswer, errorAnswer, type SimulatedAnswer, textAnswer } from "./simulated-answer.ts";
import type { SimulatedImages } from "./simulated-images.ts";
import { answerRegistry, type RegistryAnswer, type SimulatedRegistry } from "./simulated-registry.ts";
import type { SimulatorOptions } from "./simulator-options.ts";
import { answerToken } from "./token-endpoint.ts";

/** What the simulator remembers from request to request. */
export interface SimulatorState {
  rules: DockerHubRules;
  counter: PullCounter;
  pulls: PullControl;
  faults: FaultInjection;
  log: RequestLog;
  addresses: AddressRules;
}

interface SimulatorParts extends SimulatorState {
  options: SimulatorOptions;
  hub: SimulatedRegistry;
  ecrPublic: SimulatedRegistry;
  images: SimulatedImages;
  links: BlobLinks;
  abuseLimit: AbuseLimit | undefined;
}

interface Route {
  /** As it was asked for. */
  host: string;
  /** Without query. */
  path: string;
  /** Asked by the simulator's own address, and not by a real host name through a proxy. */
  isDirect: boolean;
  /** Base URL under which the client reaches it. */
  ownUrl: string;
}

const hubHosts = ["registry-1.docker.io", "index.docker.io", "docker.io", "auth.docker.io"];
const contentHosts = /^production\.cloud(?:flare|front)\.docker\.com$|\.cloudfront\.net$/;
const controlPath = "/_chubo/hub/";

/** Sends each request to the part that its Host header and its path name. */
export async function createSimulatorAnswer(
  options: SimulatorOptions,
  state: SimulatorState,
  images: SimulatedImages,
): Promise<(request: IncomingMessage, response: ServerResponse) => Promise<void>> {
  const { now, ecrPublicPullsPerSecond } = options;
  const around = { images, now, links: createBlobLinks(now) };
  const parts: SimulatorParts = {
    ...around,
    ...state,
    options,
    hub: createDockerHubRegistry(state.rules, { ...around, counter: state.counter }),
    ecrPublic: createEcrPublicRegistry(ecrPublicPullsPerSecond, { ...around, counter: createPullCounter() }),
    abuseLimit: await openAbuseLimit(options),
  };
  return async (request, response) => {
    const target = readTarget(request);
    const isControl = target.isDirect && target.path.startsWith(controlPath);
    try {
      await (isControl ? serveControl : serve)(parts, request, response, target);
    } catch (error) {
      // The client went away in the middle of a form.
      if (request.socket.destroyed) return;
      options.onDefect?.(error);
      response.destroy();
    }
  };
}

async function openAbuseLimit({ abuseLimit, now }: SimulatorOptions): Promise<AbuseLimit | undefined> {
  if (abuseLimit === undefined) return undefined;
  return (await import("./abuse-limit.ts")).createAbuseLimit(abuseLimit, now);
}

function readTarget(request: IncomingMessage): Route {
  const { host: given = "" } = request.headers;
  const { localAddress = "127.0.0.1", localPort = 80 } = request.socket;
  const own = `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
  // What stands in Host comes back in URLs, so it must look like one.
  const host = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(given) ? given.toLowerCase() : own;
  const isDirect = host !== "public.ecr.aws" && !hubHosts.includes(host) && !contentHosts.test(host);
  const path = (request.url ?? "/").replace(/\?.*$/s, "");
  return { host, path, isDirect, ownUrl: isDirect ? `http://${host}` : `https://${host}` };
}

async function serve(
  parts: SimulatorParts,
  request: IncomingMessage,
  response: ServerResponse,
  target: Route,
): Promise<void> {
  const { method = "GET" } = request;
  const { host, path } = target;
  const { latency, bytesPerSecond } = parts.options;
  const address = addressOf(parts.addresses, request);
  const fault = parts.faults.take({ method, host, path });
  const record: SimulatedRequest = {
    ...{ time: parts.options.now(), host, method, path, address, userAgent: request.headers["user-agent"] },
    ...{ account: undefined, status: 0, counted: false, remaining: undefined, bytes: 0, fault: fault?.kind },
  };
  response.once("close", () => parts.options.onRequest?.(record));
  if (fault?.kind === "hang") return parts.log.add(record);
  if (latency !== undefined) await setTimeout(latency);

  const { answer, holder, verdict } = await answerOf(parts, request, target, address, fault);
  record.status = answer.status;
  record.account = holder?.account?.user;
  record.counted = verdict?.counted ?? false;
  record.remaining = verdict?.remaining;
  parts.log.add(record);
  await sendAnswer(answer, request, response, {
    bytesPerSecond: fault?.kind === "slow" ? fault.bytesPerSecond : bytesPerSecond,
    cutAfter: fault?.kind === "cut" ? fault.afterBytes : undefined,
    onBytes(count) {
      record.bytes += count;
    },
  });
}

async function answerOf(
  parts: SimulatorParts,
  request: IncomingMessage,
  target: Route,
  address: string,
  fault: Fault | undefined,
): Promise<RegistryAnswer> {
  const isContent = contentHosts.test(target.host) || target.path.startsWith("/registry-v2/");
  const refused = isContent ? undefined : parts.abuseLimit?.(address);
  if (refused !== undefined) return withoutHolder(refused);
  if (fault === undefined) return route(parts, request, target, address);
  const { findReplacement, spoilAnswer } = await import("./faulty-answer.ts");
  const instead = findReplacement(fault, `${target.ownUrl}${request.url}`);
  if (instead !== undefined) return withoutHolder(instead);
  const answered = await route(parts, request, target, address);
  return { ...answered, answer: spoilAnswer(answered.answer, fault) };
}

function withoutHolder(answer: SimulatedAnswer): RegistryAnswer {
  return { answer, holder: undefined, verdict: undefined };
}

async function route(
  parts: SimulatorParts,
  request: IncomingMessage,
  { host, path, isDirect, ownUrl }: Route,
  address: string,
): Promise<RegistryAnswer> {
  if (contentHosts.test(host) || (isDirect && path.startsWith("/registry-v2/"))) {
    return withoutHolder(findContent(parts, request));
  }
  const registry = host === "public.ecr.aws" ? parts.ecrPublic : parts.hub;
  const hasTokens = isDirect || host === "auth.docker.io" || host === "public.ecr.aws";
  if (hasTokens && /^\/token\/?$/.test(path)) {
    return withoutHolder(await answerToken(registry.tokens, registry.service, request));
  }
  const isRegistry = host !== "auth.docker.io" && path.startsWith("/v2/");
  if (!isRegistry) return withoutHolder(errorAnswer(404, "NAME_UNKNOWN", "page not found"));
  return answerRegistry(registry, request, path, {
    address,
    baseUrl: (name) => parts.options.realmBase ?? (isDirect ? ownUrl : `https://${name}`),
  });
}

/** The content of a signed link; the content hosts hold the same. */
function findContent({ links, images }: SimulatorParts, request: IncomingMessage): SimulatedAnswer {
  const digest = links.findDigest(request.url ?? "");
  if (digest === undefined) return textAnswer(403, "Forbidden\n");
  const blob = images.findBlob(digest);
  return blob === undefined ? textAnswer(404, "Not Found\n") : contentAnswer(blob, request.headers.range);
}

/** Loaded when somebody uses it: `chubo run` never does. */
async function serveControl(
  parts: SimulatorParts,
  request: IncomingMessage,
  response: ServerResponse,
  { path }: Route,
): Promise<void> {
  const { answerControl } = await import("./control-api.ts");
  const answer = await answerControl(parts, request, path, addressOf(parts.addresses, request));
  await sendAnswer(answer, request, response, {
    bytesPerSecond: undefined,
    cutAfter: undefined,
    onBytes: () => undefined,
  });
}
