import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { stateLayout } from "../src/store/state-layout.ts";
import { findFreePort } from "./server-process.ts";

export interface Server {
  url: string;
  bundleFile: string;
  /** What `chubo up` says that the AWS tools need. */
  credentials: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts `chubo up` with these options, `--state DIR` among them, on a free port. */
export async function startServer(program: string, options: readonly string[]): Promise<Server> {
  const port = await findFreePort();
  const state = options[options.indexOf("--state") + 1] as string;
  const words = [program, "up", ...options, "--port", String(port)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  const credentials = await readCredentials(child);
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.kill("SIGINT");
    });
  return { url: `http://127.0.0.1:${port}`, bundleFile: join(stateLayout(state).ca, "bundle.pem"), credentials, stop };
}

/** Resolves when the server has printed the two halves of its access key, which it does once it listens. */
function readCredentials(child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer) => {
      said += chunk;
      const exports = [...said.matchAll(/\b(AWS_(?:SECRET_)?ACCESS_KEY(?:_ID)?)=(\S+)\s/g)].map(([, name, value]) => [
        name,
        value,
      ]);
      const credentials = Object.fromEntries(exports) as Record<string, string>;
      if ("AWS_ACCESS_KEY_ID" in credentials && "AWS_SECRET_ACCESS_KEY" in credentials) resolve(credentials);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("close", () => reject(new Error(`chubo up has ended:\n${said}`)));
  });
}
