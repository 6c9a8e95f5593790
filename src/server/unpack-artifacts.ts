import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { BuildInput } from "../services/codebuild/run/build-run.ts";
import { unzipInto } from "../services/codebuild/source/zip-files.ts";
import type { Account } from "./account.ts";

export interface UnpackedArtifact {
  /** Of the build that made it, or of the batch whose tasks' artifacts are combined in it. */
  buildId: string;
  name: string;
  path: string;
  files: string[];
}

/** The primary artifact's name, as CodePipeline's console gives it. */
export const primaryArtifactName = "BuildArtifact";

/**
 * Takes the artifacts of a build for its user: `DIRECTORY/BUILD`, and `DIRECTORY/BUILD/NAME` for those with a name; of a batch
 * `DIRECTORY/BATCH/TASK`, and `DIRECTORY/BATCH/TASK/NAME`.
 */
export function unpackArtifacts({ api, root }: Account, directory: string) {
  const unpacked: UnpackedArtifact[] = [];
  const onArtifact: NonNullable<BuildInput["onArtifact"]> = async ({
    buildId,
    batch,
    identifier,
    files,
    location,
    archive,
  }) => {
    const owner = (batch?.id ?? buildId).replace(":", "-");
    const path = join(directory, owner, batch?.task ?? "", identifier ?? "");
    mkdirSync(path, { recursive: true });
    await unzipInto(archive ?? (await readObject(location ?? "")), path);
    // As a pipeline's outputs of a batch are named.
    const names = [batch?.task, identifier].filter((part) => part !== undefined);
    unpacked.push({ buildId, name: names.join("_") || primaryArtifactName, path, files });
  };
  async function readObject(location: string): Promise<Readable> {
    const [bucket, ...key] = location.split("/");
    const input = { Bucket: bucket, Key: key.join("/") };
    return (await api.call<{ Body: Readable }>("s3", "GetObject", input, root)).Body;
  }
  return { unpacked: unpacked as readonly UnpackedArtifact[], onArtifact };
}
