import { execFile } from "node:child_process";
import type { Credentials } from "../identities/identity.ts";
import { CredentialsUnavailable } from "./credential-source.ts";

/** What a helper needs of the process: PATH, HOME, DBUS_SESSION_BUS_ADDRESS, … */
export interface HelperSurroundings {
  variables: Readonly<Record<string, string | undefined>>;
}

/** A helper may ask an agent or a cloud, but nobody waits for one that asks a person. */
const patience = 20_000;

/** docker-credential-helpers answers so, with status 1, for a server it does not know. */
const notFound = /credentials not found/i;

/**
 * `docker-credential-NAME get` with the server on stdin. Undefined where the helper has nothing for it.
 * https://github.com/docker/docker-credential-helpers#development
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  { variables }: HelperSurroundings,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  // The name is a file's content: it must not lead out of PATH.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new CredentialsUnavailable("a credential helper has no valid name");
  const { status, output } = await runHelper(program, server, variables);
  if (status !== 0) {
    if (notFound.test(output)) return undefined;
    throw new CredentialsUnavailable(`${program} failed for ${server} with status ${status}`);
  }
  const { Username, Secret } = parseAnswer(program, output);
  if (typeof Username !== "string" || typeof Secret !== "string") {
    throw new CredentialsUnavailable(`${program} gave no Username and Secret for ${server}`);
  }
  if (Username === "" || Secret === "") return undefined;
  return { username: Username, password: Secret, ...(Username === "<token>" ? { isRefreshToken: true } : {}) };
}

function parseAnswer(program: string, output: string): Record<string, unknown> {
  try {
    return JSON.parse(output) as Record<string, unknown>;
  } catch {
    throw new CredentialsUnavailable(`${program} did not answer with JSON`);
  }
}

function runHelper(program: string, server: string, variables: HelperSurroundings["variables"]) {
  return new Promise<{ status: number; output: string }>((resolve, reject) => {
    const options = { env: helperVariables(variables), timeout: patience, maxBuffer: 1024 * 1024 };
    const child = execFile(program, ["get"], options, (error, stdout) => {
      if (error === null) return resolve({ status: 0, output: stdout });
      if (typeof error.code === "number") return resolve({ status: error.code, output: stdout });
      // Node's own error would carry what the helper printed.
      const reason =
        error.killed === true ? `did not answer within ${patience / 1000} s` : `cannot be run: ${error.code}`;
      reject(new CredentialsUnavailable(`${program} ${reason}`));
    });
    // A helper that ends without reading is judged by its answer.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(server);
  });
}

/** The accounts that the gateway itself was given are no business of a helper. */
function helperVariables(variables: HelperSurroundings["variables"]): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith("CHUBO_UPSTREAM_")));
}
