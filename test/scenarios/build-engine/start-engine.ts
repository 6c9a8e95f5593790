// Starts an engine in the given directory, says "ready", and waits: a process for tests to kill.
import { startBuildEngine } from "../../../src/containers/start-build-engine.ts";

const [directory = "", engine = "docker", layers] = process.argv.slice(2);
const options = { directory, proxyUrl: "http://127.0.0.1:9", caBundle: "/dev/null", path: process.env.PATH ?? "" };
const started = await startBuildEngine({
  ...options,
  engine: engine === "podman" ? "podman" : "docker",
  ...(layers !== undefined && { layers }),
});
console.log(JSON.stringify(started));
setInterval(() => {}, 1e6);
