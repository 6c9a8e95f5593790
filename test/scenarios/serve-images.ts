import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { repository } from "./run-chubo.ts";

/** Serves the images of a directory at an address of this machine, as a registry that is the team's own would. */
export async function serveImages(t: TestContext, directory: string): Promise<string> {
  const words = [join(repository, "bin", "chubo.js"), "hub", "--port", "0", "--json", "--images", directory];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGINT"));
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line);
    if (event === "start") return url.replace("http://", "");
  }
  throw new Error("chubo hub has ended");
}
