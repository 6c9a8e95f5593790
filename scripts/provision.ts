// Sees to it that the programs of the system that the demo or the tests need are there.
// `node scripts/provision.ts demo|tests`
import { pathToFileURL } from "node:url";
import { findMissingPackages, type Purpose, type SystemPackage } from "./system-packages.ts";

/**
 * Returns at once where all is there. As root on Debian or Ubuntu it says what it installs and why, and installs it;
 * elsewhere it says what to install, and ends the process with 2.
 */
export async function provision(purpose: Purpose): Promise<void> {
  const missing = await findMissingPackages(purpose);
  if (missing.length === 0) return;
  const { findPrograms, programPath } = await import("../src/containers/find-program.ts");
  const names = missing.map(({ name }) => name);
  const command = `apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`;
  const canInstall = process.getuid?.() === 0 && findPrograms("apt-get", programPath("")).length > 0;
  if (!canInstall)
    end(`The ${purpose === "demo" ? "demo needs" : "tests need"} programs that are not installed:`, missing, command);
  console.error(`Installing what the ${purpose} of Chubo need${purpose === "demo" ? "s" : ""} and this machine lacks:`);
  console.error(formatPackages(missing));
  const { aptInstall } = await import("./apt-install.ts");
  const companions = missing.flatMap((one) => one.companions ?? []);
  try {
    await aptInstall(names, companions, showProgress);
  } catch (error) {
    showProgress("");
    end(error instanceof Error ? error.message : String(error), missing, command);
  }
  showProgress("");
  const still = await findMissingPackages(purpose);
  if (still.length > 0)
    end("Installed, and yet these do not work (does another program hide them on PATH?):", still, command);
}

function end(reason: string, packages: SystemPackage[], command: string): never {
  console.error(`${reason}\n${formatPackages(packages)}\nOn Debian or Ubuntu, as root:\n  ${command}`);
  process.exit(2);
}

function formatPackages(packages: SystemPackage[]): string {
  const width = Math.max(...packages.map(({ name }) => name.length));
  return packages.map(({ name, why }) => `  ${name.padEnd(width)}  ${why}`).join("\n");
}

/** One line that is written over; nothing where the output is no terminal. */
function showProgress(line: string): void {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`\r\x1b[2K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [purpose] = process.argv.slice(2);
  if (purpose !== "demo" && purpose !== "tests") {
    console.error("usage: node scripts/provision.ts demo|tests");
    process.exit(2);
  }
  await provision(purpose);
}
