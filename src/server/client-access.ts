import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { CredentialsUnavailable } from "../gateway/credentials/credential-source.ts";
import { parseCredentials } from "../gateway/credentials/parse-credentials.ts";
import type { RegistryAccess } from "../registry/registry-access.ts";
import { UsageError } from "../usage-error.ts";
import { findProxiedHost } from "./one-port.ts";

/** Who may use a gateway. */
export interface ClientAccess {
  /** For the registry's handler. */
  registry: RegistryAccess<true>;
  /** By the `Authorization` of a request. */
  admits(request: IncomingMessage): boolean;
  /** By the `Proxy-Authorization` of a CONNECT. */
  admitsToProxy(request: IncomingMessage): boolean;
}

/** On loopback, or where its owner wants it so. */
export const openAccess: RegistryAccess<true> = {
  authenticate: () => true,
  challenge: () => "",
  authorize: () => undefined,
};

const challenge = 'Basic realm="chubo gateway"';

/**
 * Clients log in with a user's password, with a token as Bearer, or with a token as the password of any user, which is how
 * docker and podman can be given one. Throws CONFIG_CLIENTS for a file that cannot be read, or that lets nobody in.
 */
export function openClientAccess(files: { basic?: string; bearer?: string }): ClientAccess {
  const passwords = files.basic === undefined ? [] : readPasswords(files.basic);
  const tokens = files.bearer === undefined ? [] : readTokens(files.bearer);
  const admitsHeader = (header: string | undefined) => {
    const { scheme, text } = parseAuthorization(header);
    if (scheme === "bearer") return isAmong(text, tokens);
    if (scheme !== "basic") return false;
    const pair = Buffer.from(text, "base64").toString("utf8");
    // Both are always compared, so that the time tells nothing of either.
    const isUser = isAmong(pair, passwords);
    const isToken = isAmong(pair.slice(pair.indexOf(":") + 1), tokens);
    return isUser || isToken;
  };
  const admits = (request: IncomingMessage) => admitsHeader(request.headers.authorization);
  return {
    admits,
    admitsToProxy: (request) => admitsHeader(request.headers["proxy-authorization"]),
    registry: {
      // Who came through the proxy has logged in there: what it sends to the registry's name is for that registry.
      authenticate: (request) => (findProxiedHost(request) !== undefined || admits(request) ? true : undefined),
      challenge: () => challenge,
      authorize: () => undefined,
    },
  };
}

function readPasswords(file: string): Buffer[] {
  try {
    const accounts = parseCredentials(readFile(file), `the file of clients ${file}`);
    return notEmpty(
      accounts.map(({ username, password }) => hash(`${username}:${password}`)),
      file,
    );
  } catch (error) {
    if (!(error instanceof CredentialsUnavailable)) throw error;
    throw new UsageError("CONFIG_CLIENTS", error.message, { cause: error });
  }
}

/** One a line; `#` begins a comment. */
function readTokens(file: string): Buffer[] {
  const lines = readFile(file)
    .split("\n")
    .map((line) => line.trim());
  const tokens = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return notEmpty(tokens.map(hash), file);
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError("CONFIG_CLIENTS", `the file of clients ${file} cannot be read: ${code}`, { cause });
  }
}

function notEmpty(hashes: Buffer[], file: string): Buffer[] {
  if (hashes.length > 0) return hashes;
  throw new UsageError("CONFIG_CLIENTS", `the file of clients ${file} holds nobody`);
}

function parseAuthorization(header: string | undefined): { scheme: string; text: string } {
  const [, scheme = "", text = ""] = /^(\S+) +(\S+)$/.exec(header ?? "") ?? [];
  return { scheme: scheme.toLowerCase(), text };
}

/** Hashes have one length, and comparing them to the end tells nothing of where they differ. */
function isAmong(text: string, hashes: readonly Buffer[]): boolean {
  const own = hash(text);
  let isFound = false;
  for (const known of hashes) if (timingSafeEqual(own, known)) isFound = true;
  return isFound;
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
