// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles are written so.
/** Half are short, as most are; one of ten is a long one with many stages, arguments and heredocs. */
export function makeDockerfile(index: number): string {
  const stages = index % 10 === 0 ? 8 : index % 2 === 0 ? 2 : 1;
  const head = `# syntax=docker/dockerfile:1\nARG VERSION=3.${index % 14}\nARG BASE=python:\${VERSION}-slim\n\n`;
  const parts = Array.from({ length: stages }, (_, stage) => makeStage(index, stage));
  return (index % 2 === 0 ? head : "") + parts.join("\n");
}

function makeStage(index: number, stage: number): string {
  const base = index % 2 === 0 ? ["$BASE", "node:22-alpine", "golang:${VERSION}"][stage % 3] : "debian:12";
  const copy = stage === 0 ? "COPY . ." : `COPY --link --from=stage${stage - 1} /out /app`;
  return [
    `FROM ${base} AS stage${stage}`,
    "",
    "# what the program needs at run time",
    "RUN apt-get update && apt-get install -y --no-install-recommends \\",
    "    ca-certificates curl git \\",
    "    # for the healthcheck",
    "    netcat-openbsd \\",
    "  && rm -rf /var/lib/apt/lists/*",
    "WORKDIR /app",
    "ENV PATH=/app/bin:$PATH LANG=C.UTF-8",
    copy,
    "RUN --mount=type=cache,target=/root/.cache <<EOT",
    "  set -e",
    `  make build NUMBER=${index}`,
    "EOT",
    "EXPOSE 8080",
    'HEALTHCHECK CMD ["nc", "-z", "localhost", "8080"]',
    'CMD ["/app/bin/server", "--port", "8080"]',
    "",
  ].join("\n");
}
