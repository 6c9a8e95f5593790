import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The data root of a private dockerd that is kept between builds, for what `docker build` and `docker pull` have put there. */
export interface LayerCache {
  /** A data root without containers, networks and volumes; empty where nothing usable was kept. */
  dataRoot: string;
  isEmpty(): boolean;
  clear(): void;
  /** The daemon has ended. Without this call nobody takes what it has left. */
  release(): void;
}

/** Storage drivers whose layers are plain directories, and where a container's own layer lies below the data root. */
const layerDirectories: Readonly<Record<string, string>> = {
  overlay2: "overlay2",
  "fuse-overlayfs": "fuse-overlayfs",
  vfs: "vfs/dir",
};

/**
 * Takes what an earlier engine has kept. Nobody else may use the directory until then.
 *
 *     DIRECTORY/data/    image/ (records), overlay2/ or its like (files), buildkit/; dockerd makes the rest anew
 *     DIRECTORY/daemon   which program wrote it: another one need not understand it
 *     DIRECTORY/in-use   there while a daemon may write; one that is left tells of a crash, after which nothing is kept
 */
export function takeLayers(directory: string, daemon: string): LayerCache {
  const [dataRoot, daemonFile, mark] = ["data", "daemon", "in-use"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const clear = () => {
    rmSync(dataRoot, { recursive: true, force: true });
    mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
  };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const isSound = !existsSync(mark) && isText(daemonFile, daemon);
  writeFileSync(mark, "");
  if (!isSound || !keepLayersOnly(dataRoot)) clear();
  writeFileSync(daemonFile, daemon);
  return {
    dataRoot,
    isEmpty: () => readdirSync(dataRoot).length === 0,
    clear,
    release: () => rmSync(mark, { force: true }),
  };
}

function isText(file: string, text: string): boolean {
  try {
    return readFileSync(file, "utf8") === text;
  } catch {
    // Absent or not to be read: nothing is known of what lies there.
    return false;
  }
}

/** False where what is there is not as dockerd leaves it. */
function keepLayersOnly(dataRoot: string): boolean {
  try {
    const [driver = "", ...others] = readdirSync(join(dataRoot, "image"));
    const layers = layerDirectories[driver];
    if (layers === undefined || others.length > 0) return false;
    for (const entry of readdirSync(dataRoot)) {
      if (!["image", "buildkit", driver].includes(entry)) rmSync(join(dataRoot, entry), { recursive: true });
    }
    const records = join(dataRoot, "image", driver, "layerdb");
    removeContainerLayers(join(records, "mounts"), join(dataRoot, layers));
    rmSync(join(records, "tmp"), { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/** A record of each container names its writable layer, and one below it. A daemon that ended in the middle kept them. */
function removeContainerLayers(records: string, layers: string): void {
  if (!existsSync(records)) return;
  for (const container of readdirSync(records)) {
    for (const name of ["mount-id", "init-id"]) {
      const file = join(records, container, name);
      const id = existsSync(file) ? readFileSync(file, "latin1").trim() : "";
      if (/^[0-9a-z]+(-init)?$/.test(id)) removeLayer(layers, id);
    }
  }
  rmSync(records, { recursive: true });
}

/** overlay2 gives each layer a short second name. */
function removeLayer(layers: string, id: string): void {
  const link = join(layers, id, "link");
  const short = existsSync(link) ? readFileSync(link, "latin1").trim() : "";
  if (/^[0-9A-Z]+$/.test(short)) rmSync(join(layers, "l", short), { force: true });
  rmSync(join(layers, id), { recursive: true, force: true });
}
