import { execFileSync } from "node:child_process";
import { globSync, readdirSync, readFileSync } from "node:fs";

/** What an engine could leave behind on a machine, for comparison. `directory` is what its processes and mounts name. */
export function readMachineState(directory: string) {
  return {
    links: readdirSync("/sys/class/net").filter((name) => /^(chubo|br-|veth)/.test(name)),
    rules: readRules(),
    mounts: readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(directory)),
    processes: listProcesses(directory),
    cgroups: globSync("/sys/fs/cgroup/{chubo*,*/chubo*}"),
    forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
    system: globSync([
      "/run/{docker,containerd}*/**",
      "/run/{crun,libpod,containers}",
      "/etc/docker/*",
      "/var/lib/docker*",
    ]),
  };
}

/** The IDs of those whose command line names `text`, the oldest first. A bare Debian has no pgrep. */
export function listProcesses(text: string): number[] {
  return globSync("/proc/[0-9]*/cmdline")
    .filter((file) => readQuietly(file).includes(text))
    .map((file) => Number(file.split("/")[2]))
    .sort((a, b) => a - b);
}

function readRules(): string[] {
  return execFileSync("iptables-save", { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ""));
}

/** Empty for a process that has ended meanwhile. */
function readQuietly(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
