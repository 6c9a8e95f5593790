import { isDockerHubLogin } from "../judge/docker-hub-login.ts";
import { clientsOfStep } from "../judge/mirror-of-step.ts";
import type { PlacedJob, Pull } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import type { GatewayAddress } from "./gateway-address.ts";
import { clientAdvice, jobAdvice } from "./gateway-clients.ts";
import { insertCommand } from "./insert-command.ts";
import { findUnsound, type JobEdits } from "./job-edits.ts";
import { buildsThatPull } from "./pulling-builds.ts";
import { commandComesLate, gatherEdits, type LeftOver, type Remedy } from "./remedy.ts";

/**
 * Gives the docker of each privileged CodeBuild build a `chubo gateway` as its mirror, before the first pull; references stay
 * as they are. Whatever else pulls is left, with what its client has to be given.
 */
export function mirrorByGateway(repository: ReadRepository, gateway: GatewayAddress): Remedy {
  const jobs: JobEdits[] = [];
  const left: LeftOver[] = [];
  const told = new Set<Pull["job"]>();
  for (const { placed, firstPull } of buildsThatPull(repository, () => true)) {
    told.add(placed);
    const { file, stepsFile = file, job } = placed;
    const edit = usesOnlyDocker(placed, repository)
      ? insertCommand(placed, { firstPull, command: `${mirrorCommand(gateway)}\n` })
      : jobAdvice(job.runner, gateway);
    if (typeof edit === "string") left.push({ file: stepsFile, range: job.range, message: `${job.name}: ${edit}` });
    else if ("message" in edit) {
      left.push({ file: stepsFile, range: job.range, ...edit, message: `${job.name}: ${edit.message}` });
    } else jobs.push({ placed, edits: [{ file: stepsFile, edit }] });
  }
  const others = repository.pulls.filter(({ source, job, image }) => {
    return source === "docker-hub" && (image.kind === "runner" || !told.has(job));
  });
  const advice = others.map((pull): [string, LeftOver] => {
    const { file, image } = pull;
    const { message, ...more } = clientAdvice(pull, gateway);
    const one = { file, range: image.range, message: `${image.written}: ${message}`, ...more };
    return [`${file.path}:${image.range.start}`, one];
  });
  const wrong = findUnsound(repository, jobs, (read) => {
    const direct = new Set(buildsThatPull(read, () => true).map(({ placed }) => placed));
    return (_, after) => !direct.has(after);
  });
  left.push(...[...wrong].map(({ placed }) => commandComesLate(placed, mirrorCommand(gateway))));
  const sound = jobs.filter((one) => !wrong.has(one));
  const notes = sound.some(({ placed }) => showsLogin(placed, gateway)) ? [loginNote] : [];
  return {
    edits: gatherEdits(sound.flatMap(({ edits }) => edits)),
    left: [...left, ...new Map(advice).values()],
    notes,
  };
}

/** https://github.com/moby/moby/issues/42022 */
const loginNote =
  "docker sends the login that it has for Docker Hub to its mirror too, where http:// hides nothing: take the login out, which the gateway needs no more, or give the gateway a certificate (--gateway https://…)";

function showsLogin({ steps }: PlacedJob, { isTrusted }: GatewayAddress): boolean {
  return !isTrusted && steps.some(({ step }) => step.kind === "login" && isDockerHubLogin(step));
}

/** A build whose docker runs in it, and which pulls by nothing else. */
function usesOnlyDocker(placed: PlacedJob, { pulls }: ReadRepository): boolean {
  const { runner, codeBuild } = placed.job;
  if (runner !== "codebuild" || codeBuild?.privileged === false) return false;
  const steps = pulls.flatMap(({ job, source, step }) =>
    job === placed && source === "docker-hub" && step ? [step] : [],
  );
  return steps.every(({ step }) => clientsOfStep(step).includes("docker"));
}

/**
 * Docker is started again, because BuildKit in it takes no notice of a mirror that it is told of by SIGHUP (seen with 20.10).
 * With DOCKER_HOST it is another machine's, or another user's.
 * https://docs.docker.com/docker-hub/image-library/mirror/#configure-the-docker-daemon
 */
export function mirrorCommand({ url }: GatewayAddress): string {
  return [
    `if [ -z "$DOCKER_HOST" ] && [ -e /var/run/docker.pid ]; then`,
    "  mkdir -p /etc/docker",
    `  echo '{"registry-mirrors":["${url}"]}' > /etc/docker/daemon.json`,
    `  dockerd=$(tr '\\0' ' ' < "/proc/$(cat /var/run/docker.pid)/cmdline")`,
    `  kill "$(cat /var/run/docker.pid)"`,
    "  while [ -e /var/run/docker.pid ]; do sleep 1; done",
    "  nohup $dockerd > /var/log/dockerd-mirror.log 2>&1 &",
    "  timeout 60 sh -c 'until docker info > /dev/null 2>&1; do sleep 1; done'",
    "fi",
  ].join("\n");
}
