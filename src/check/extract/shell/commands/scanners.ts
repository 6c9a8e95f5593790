import { scannerOptions } from "../option-tables.ts";
import { readOptions } from "../options.ts";
import type { CommandReader } from "../run-command.ts";
import { partOf, textOf } from "../shell-value.ts";

const otherVerbs =
  /^(?:aws|client|clean|completion|config|conf|convert|filesystem|fs|help|kubernetes|k8s|module|plugin|registry|repository|repo|rootfs|sbom|server|version|vex|vm)$/;

/** A scanner looks among the engine's images first, and pulls what is not there. */
export const runTrivy: CommandReader = (command, { sink }) => {
  const { operands } = readOptions(command.words.slice(1), scannerOptions);
  const [verb, named] = operands;
  if (verb === undefined || otherVerbs.test(textOf(verb))) return;
  // Versions before 0.20 name the image without a verb.
  const image = /^(?:image|i)$/.test(textOf(verb)) ? named : verb;
  sink.pull(command, image, { site: "trivy image" });
};

/** grype, syft, dive, dockle: an image is their operand, with a scheme or without; `dir:` and `sbom:` are none. */
export const runGrype: CommandReader = (command, { sink }) => {
  const { operands } = readOptions(command.words.slice(1), scannerOptions);
  const name = command.words[0] === undefined ? "" : textOf(command.words[0]).replace(/^.*\/|[:@].*$/g, "");
  const image =
    name === "dockle"
      ? operands.at(-1)
      : operands.find((operand) => !/^(?:scan|packages|analyze|attest)$/.test(textOf(operand)));
  if (image === undefined || /^(?:version|db|config|completion|help|login|explain)$/.test(textOf(image))) return;
  const scheme =
    /^(docker|podman|registry|dir|file|sbom|purl|cpe|oci-dir|oci-archive|docker-archive|singularity):/.exec(
      textOf(image),
    )?.[1];
  if (scheme === undefined) {
    // Without a scheme a name may be a folder: one that has neither tag nor registry is not taken for an image.
    if (/[:@]/.test(textOf(image)) || !/^[./]|\.(?:json|tar)$/.test(textOf(image)))
      sink.pull(command, image, { site: name });
  } else if (/^(?:docker|podman|registry)$/.test(scheme)) {
    sink.pull(command, partOf(image, scheme.length + 1), { site: name });
  }
};

export const runSnyk: CommandReader = (command, { sink }) => {
  const { operands } = readOptions(command.words.slice(1), scannerOptions);
  const [group, verb, image] = operands;
  const isTest =
    group !== undefined &&
    verb !== undefined &&
    textOf(group) === "container" &&
    /^(?:test|monitor|sbom)$/.test(textOf(verb));
  if (isTest) sink.pull(command, image, { site: "snyk container" });
};
