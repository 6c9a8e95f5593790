import type { BuildRun } from "../run/build-run.ts";
import { evaluateInShell } from "../shell/evaluate-in-shell.ts";

/**
 * Reads env.exported-variables as they stand at the end of POST_BUILD. AWS exports neither values of Secrets Manager and
 * the parameter store nor AWS_*; whether it says so is not recorded. A secret in another variable stays masked.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables
 */
export async function exportVariables(run: BuildRun): Promise<void> {
  const secrets = secretNames(run);
  const isExportable = (name: string) => /^[A-Za-z_]\w*$/.test(name) && !name.startsWith("AWS_") && !secrets.has(name);
  const names = [...new Set(run.buildspec?.exportedVariables ?? [])];
  for (const name of names.filter((candidate) => !isExportable(candidate))) {
    run.log.line(`Warning: ${name} cannot be exported`);
  }
  const exported = names.filter(isExportable);
  const values = await evaluateInShell(
    run,
    exported.map((name) => `"\${${name}-}"`),
  );
  run.build.exportedVariables = exported.map((name, index) => ({ name, value: run.log.masked(values[index] ?? "") }));
}

function secretNames({ build, buildspec }: BuildRun): Set<string> {
  const ofProject = build.environment.environmentVariables.filter(({ type }) => type !== "PLAINTEXT");
  return new Set([
    ...ofProject.map(({ name }) => name),
    ...Object.keys(buildspec?.parameterStore ?? {}),
    ...Object.keys(buildspec?.secretsManager ?? {}),
  ]);
}
