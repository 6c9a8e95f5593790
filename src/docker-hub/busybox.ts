import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { UsageError } from "../usage-error.ts";

/** A static busybox of this machine, from which the simulated images are made. */
export interface Busybox {
  binary: Buffer;
  /** The commands that it can be called by. */
  applets: readonly string[];
  /** As images name it: `amd64`. */
  architecture: string;
}

const usualPlaces = ["/bin/busybox", "/usr/bin/busybox"];
const install = "apt-get install busybox-static";

/** `e_machine` of https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html in the words of images. */
const architectures: Record<number, string> = { 3: "386", 40: "arm", 62: "amd64", 183: "arm64", 243: "riscv64" };

/** Reads the given busybox, or the first at its usual places. Throws UsageError CONFIG_BUSYBOX without a static one. */
export async function readBusybox(path?: string): Promise<Busybox> {
  const places = path === undefined ? usualPlaces : [path];
  for (const place of places) {
    const binary = await readFile(place).catch(() => undefined);
    if (binary === undefined) continue;
    return { binary, architecture: staticArchitecture(binary, place), applets: await listApplets(place) };
  }
  throw new UsageError(
    "CONFIG_BUSYBOX",
    `the simulated Docker Hub needs busybox, which is not at ${places.join(", ")}`,
    {
      hint: install,
    },
  );
}

async function listApplets(place: string): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)(place, ["--list"]);
    return stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  } catch (cause) {
    throw new UsageError("CONFIG_BUSYBOX", `${place} cannot be run`, { hint: install, cause });
  }
}

/** A dynamic busybox would find no libc in an image: it names an interpreter in a program header (PT_INTERP, 3). */
function staticArchitecture(binary: Buffer, place: string): string {
  const isElf = binary.length > 64 && binary.readUInt32BE(0) === 0x7f454c46 && binary[5] === 1;
  const architecture = isElf ? architectures[binary.readUInt16LE(18)] : undefined;
  if (architecture === undefined) throw unsuitable(place, "is not a Linux program of a known architecture");
  const is64 = binary[4] === 2;
  const start = is64 ? Number(binary.readBigUInt64LE(32)) : binary.readUInt32LE(28);
  const size = binary.readUInt16LE(is64 ? 54 : 42);
  const count = binary.readUInt16LE(is64 ? 56 : 44);
  for (let index = 0; index < count; index++) {
    if (binary.readUInt32LE(start + index * size) === 3) throw unsuitable(place, "is linked dynamically");
  }
  return architecture;
}

function unsuitable(place: string, fault: string): UsageError {
  return new UsageError("CONFIG_BUSYBOX", `${place} ${fault}, so no image can be made from it`, { hint: install });
}
