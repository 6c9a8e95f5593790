import type * as Sdk from "@aws-sdk/client-ecs";

const ecrImage = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//;

/**
 * What a container instance must be able to do for the task, as ECS derives it. The rules for what pipelines commonly
 * use, from memory of AWS's answers; ECS knows more of them.
 */
export function requiredAttributes(input: Sdk.RegisterTaskDefinitionRequest): Sdk.Attribute[] {
  const containers = input.containerDefinitions ?? [];
  const some = (isSo: (container: Sdk.ContainerDefinition) => unknown) => containers.some((one) => Boolean(isSo(one)));
  const logDrivers = containers.flatMap(({ logConfiguration }) => logConfiguration?.logDriver ?? []);
  const rules: [isNeeded: boolean, names: string[]][] = [
    [
      logDrivers.length > 0,
      [...new Set(logDrivers)].map((driver) => `com.amazonaws.ecs.capability.logging-driver.${driver}`),
    ],
    [logDrivers.length > 0, ["com.amazonaws.ecs.capability.docker-remote-api.1.19"]],
    [logDrivers.includes("awslogs") && input.executionRoleArn !== undefined, ["ecs.capability.execution-role-awslogs"]],
    [some(({ image = "" }) => ecrImage.test(image)), ["com.amazonaws.ecs.capability.ecr-auth"]],
    [
      some(({ image = "" }) => ecrImage.test(image)) && input.executionRoleArn !== undefined,
      ["ecs.capability.execution-role-ecr-pull"],
    ],
    [input.taskRoleArn !== undefined && input.networkMode !== "host", ["com.amazonaws.ecs.capability.task-iam-role"]],
    [
      input.taskRoleArn !== undefined && input.networkMode === "host",
      ["com.amazonaws.ecs.capability.task-iam-role-network-host"],
    ],
    [input.networkMode === "awsvpc", ["ecs.capability.task-eni"]],
    [some(({ privileged }) => privileged), ["com.amazonaws.ecs.capability.privileged-container"]],
    [some(({ memoryReservation }) => memoryReservation), ["com.amazonaws.ecs.capability.docker-remote-api.1.21"]],
    [some(({ dependsOn }) => dependsOn?.length), ["ecs.capability.container-ordering"]],
    [some(({ healthCheck }) => healthCheck), ["ecs.capability.container-health-check"]],
    [some(hasSecretFrom("secretsmanager")), ["ecs.capability.secrets.asm.environment-variables"]],
    [some(hasSecretFrom("ssm")), ["ecs.capability.secrets.ssm.environment-variables"]],
    [some(({ environmentFiles }) => environmentFiles?.length), ["ecs.capability.env-files.s3"]],
    [true, ["com.amazonaws.ecs.capability.docker-remote-api.1.18"]],
  ];
  const names = rules.flatMap(([isNeeded, needed]) => (isNeeded ? needed : []));
  return [...new Set(names)].map((name) => ({ name }));
}

/** A secret is named by the ARN of a Secrets Manager secret, or else is a parameter of Systems Manager. */
function hasSecretFrom(service: "secretsmanager" | "ssm") {
  const isFromSecretsManager = (valueFrom = "") => /^arn:[^:]*:secretsmanager:/.test(valueFrom);
  return ({ secrets = [] }: Sdk.ContainerDefinition) =>
    secrets.some(({ valueFrom }) => isFromSecretsManager(valueFrom) === (service === "secretsmanager"));
}
