import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** Where daemons and network tools are, which a user's PATH may leave out. */
const systemDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** `path` and then the system's directories, without empty entries. */
export function programPath(path: string): string {
  return [...new Set([...path.split(":").filter((directory) => directory !== ""), ...systemDirectories])].join(":");
}

/** Every executable file of that name on `path`, in order. */
export function findPrograms(name: string, path: string): string[] {
  return path
    .split(":")
    .map((directory) => join(directory, name))
    .filter(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Absent, unreadable or a broken link: not a program, whichever it is.
    return false;
  }
}
