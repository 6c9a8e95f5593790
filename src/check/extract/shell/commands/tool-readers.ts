import type { CommandReader } from "../run-command.ts";
import { runBuildah, runDocker } from "./docker.ts";
import { runCompose } from "./docker-compose.ts";
import {
  runDaemon,
  runHelm,
  runJavaBuild,
  runKaniko,
  runKind,
  runLocalstack,
  runPack,
  runSam,
} from "./image-makers.ts";
import { runCrane, runCtr, runOras, runSkopeo } from "./registry-tools.ts";
import { runGrype, runSnyk, runTrivy } from "./scanners.ts";

/** By the name of the command. */
export const toolReaders: Readonly<Record<string, CommandReader>> = {
  docker: runDocker,
  podman: runDocker,
  nerdctl: runDocker,
  finch: runDocker,
  buildah: runBuildah,
  "docker-compose": runCompose,
  "podman-compose": runCompose,
  skopeo: runSkopeo,
  crane: runCrane,
  gcrane: runCrane,
  regctl: runCrane,
  oras: runOras,
  ctr: runCtr,
  crictl: runCtr,
  img: runCtr,
  executor: runKaniko,
  kaniko: runKaniko,
  sam: runSam,
  samdev: runSam,
  localstack: runLocalstack,
  pack: runPack,
  kind: runKind,
  mvn: runJavaBuild,
  mvnw: runJavaBuild,
  gradle: runJavaBuild,
  gradlew: runJavaBuild,
  helm: runHelm,
  dockerd: runDaemon,
  "dockerd-entrypoint.sh": runDaemon,
  trivy: runTrivy,
  grype: runGrype,
  syft: runGrype,
  dive: runGrype,
  dockle: runGrype,
  snyk: runSnyk,
};
