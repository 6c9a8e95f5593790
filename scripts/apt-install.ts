// Installs Debian packages without starting or enabling services that were not there before.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Units of docker.io, containerd and podman; Chubo starts its engines itself. */
const units = [
  "docker.service",
  "docker.socket",
  "containerd.service",
  "podman.service",
  "podman.socket",
  "podman-restart.service",
  "podman-auto-update.service",
  "podman-auto-update.timer",
];

/** Asked by Debian's maintainer scripts before they start a service; 101 means "not allowed". */
const policyFile = "/usr/sbin/policy-rc.d";

/** Shows one line of progress at a time; rejects with the end of apt's output where it fails. */
export async function aptInstall(names: string[], companions: string[], show: (line: string) => void): Promise<void> {
  const before = units.filter(isEnabled);
  const ownsPolicy = !existsSync(policyFile);
  if (ownsPolicy) writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await runApt(["update"], show);
    const known = companions.filter(isInstallable);
    // --no-remove: a Docker of another origin is never replaced.
    await runApt(["install", "-y", "--no-install-recommends", "--no-remove", ...names, ...known], show);
  } finally {
    if (ownsPolicy) rmSync(policyFile, { force: true });
    const enabled = units.filter((unit) => isEnabled(unit) && !before.includes(unit));
    if (enabled.length > 0) execFileSync("systemctl", ["disable", ...enabled], { stdio: "ignore" });
  }
}

/** False also where there is no systemd. */
function isEnabled(unit: string): boolean {
  try {
    execFileSync("systemctl", ["is-enabled", "--quiet", unit], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Whether apt knows a package of that name that it could install. */
function isInstallable(name: string): boolean {
  const policy = execFileSync("apt-cache", ["policy", name], { encoding: "utf8" });
  return /Candidate: (?!\(none\))/.test(policy);
}

async function runApt(args: string[], show: (line: string) => void): Promise<void> {
  // The sh sends both streams down one pipe, so that an error stands where it happened.
  const child = spawn("sh", ["-c", 'exec apt-get "$@" 2>&1', "apt-get", "-o", "DPkg::Lock::Timeout=120", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exit = once(child, "exit");
  const tail: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    show(line);
    tail.push(line);
    if (tail.length > 15) tail.shift();
  }
  const [status] = await exit;
  if (status !== 0) throw new Error(`apt-get ${args.join(" ")} ended with ${status}:\n${tail.join("\n")}`);
}
