import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Git, uploadPack } from "./run-git.ts";

/** Every fetch is one pack, and git joins them by itself when they have become many: before it returns, for the mirror is copied then. */
const settings = ["-c", "fetch.unpackLimit=1", "-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"];

/** What a clone has of another repository's branches and tags. */
const references = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];

export interface SourceMirror {
  /**
   * Brings what is new in the repository into the mirror, and all of that into the other one, which is empty. It is copied and
   * not linked: a build may write in its own.
   */
  fetchInto(target: string, commit: string): Promise<void>;
  remove(): Promise<void>;
}

/** LOCAL_SOURCE_CACHE: a bare repository in a project's local cache that no build sees, and that one build at a time uses. */
export function sourceMirror(git: Git, { mirrors, source }: { mirrors: string; source: string }): SourceMirror {
  const mirror = join(mirrors, `${createHash("sha256").update(source).digest("hex").slice(0, 32)}.git`);
  return {
    async fetchInto(target, commit) {
      await mkdir(mirror, { recursive: true, mode: 0o700 });
      if (!existsSync(join(mirror, "HEAD"))) await git(mirror, "init", "--quiet", "--bare", "--template=");
      const words = ["--quiet", "--prune", "--no-tags", `--upload-pack=${uploadPack}`, source, ...references, commit];
      await git(mirror, ...settings, "fetch", ...words);
      await git(mirror, "pack-refs", "--all", "--prune");
      const copy = (name: string) =>
        cp(join(mirror, name), join(target, ".git", name), {
          recursive: true,
          force: true,
          filter: (path) => !basename(path).startsWith("tmp_"),
        });
      await copy("objects");
      if (existsSync(join(mirror, "packed-refs"))) await copy("packed-refs");
    },
    remove: () => rm(mirror, { recursive: true, force: true }),
  };
}
