import type { Buildspec } from "../../../buildspec/buildspec.ts";
import type { VariableType } from "../project.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { awsVariables, codeBuildVariables, composeVariables, credentialVariables } from "./build-variables.ts";
import { gitCredentialVariables } from "./git-credentials.ts";
import { type RoleCall, resolveParameters, resolveSecrets } from "./resolve-secrets.ts";

/** The commands' whole environment. What came out of a store of secrets is masked in the log from here on. */
export async function resolveVariables(run: BuildRun, buildspec: Buildspec): Promise<Record<string, string>> {
  const { build, log, environment, credential, region } = run;
  if (environment === undefined || credential === undefined) {
    throw new Error("variables need an environment and a role");
  }
  const call: RoleCall = (service, operation, input) =>
    run.collaborators.call(service, operation, input, credential.principal);
  const ofType = (type: VariableType) =>
    Object.fromEntries(
      build.environment.environmentVariables
        .filter((variable) => variable.type === type)
        .map(({ name, value }) => [name, value]),
    );
  const parameters = ofType("PARAMETER_STORE");
  if (Object.keys({ ...parameters, ...buildspec.parameterStore }).length > 0) {
    log.line("Decrypting parameter store environment variables");
  }
  const plain = {
    ...awsVariables(region),
    ...codeBuildVariables(build, environment.sourceDirectory, region),
    ...buildspec.variables,
    ...ofType("PLAINTEXT"),
  };
  const projectSecrets = {
    ...(await resolveParameters(parameters, plain, call)),
    ...(await resolveSecrets(ofType("SECRETS_MANAGER"), plain, call)),
  };
  const buildspecSecrets = {
    ...(await resolveParameters(buildspec.parameterStore, plain, call)),
    ...(await resolveSecrets(buildspec.secretsManager, plain, call)),
  };
  log.mask([...Object.values(projectSecrets), ...Object.values(buildspecSecrets)]);
  const layers = {
    environment: { ...environment.variables, ...(buildspec.gitCredentialHelper && gitCredentialVariables(region)) },
    buildspec: { ...buildspec.variables, ...buildspecSecrets },
    project: { ...ofType("PLAINTEXT"), ...projectSecrets },
  };
  const variables = composeVariables(layers, build, environment.sourceDirectory, region);
  refuseNul(variables);
  return { ...variables, ...credentialVariables(credential, variables) };
}

/** What AWS says of it is not known. */
function refuseNul(variables: Readonly<Record<string, string>>): void {
  const found = Object.keys(variables).find((name) => `${name}${variables[name]}`.includes("\0"));
  if (found === undefined) return;
  const name = found.replaceAll("\0", "\\0");
  throw new PhaseFailure("CLIENT_ERROR", `the variable ${name} holds a NUL character, which no process can be given`);
}
