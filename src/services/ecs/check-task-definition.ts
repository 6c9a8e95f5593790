import type * as Sdk from "@aws-sdk/client-ecs";
import { clientError, invalidParameter } from "./ecs-error.ts";
import { isFargateSize, parseCpu, parseMemory } from "./fargate-size.ts";

const namePattern = /^[A-Za-z0-9_-]{1,255}$/;
const networkModes = ["bridge", "host", "awsvpc", "none"];
const compatibilities = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"];

/** Throws ClientException, in AWS's words from memory where it is said so in docs/deviations.md. */
export function checkTaskDefinition(input: Sdk.RegisterTaskDefinitionRequest): void {
  if (input.family === undefined || !namePattern.test(input.family)) {
    throw clientError(
      "Family contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.",
    );
  }
  const containers = input.containerDefinitions ?? [];
  if (containers.length === 0) throw clientError("Container list cannot be empty.");
  if (input.networkMode !== undefined && !networkModes.includes(input.networkMode)) {
    throw clientError(`Unrecognized network mode: ${input.networkMode}`);
  }
  for (const wanted of input.requiresCompatibilities ?? []) {
    if (!compatibilities.includes(wanted)) throw clientError(`Unrecognized compatibility: ${wanted}`);
  }
  checkNames(containers);
  checkVolumes(input.volumes ?? []);
  for (const container of containers) checkContainer(container, input);
  if (!containers.some(isEssential)) {
    throw clientError(
      "Invalid setting for container. At least one essential container must be provided in a task definition.",
    );
  }
  checkSize(input.cpu, parseCpu, "cpu");
  checkSize(input.memory, parseMemory, "memory");
  if (input.requiresCompatibilities?.includes("FARGATE")) checkFargate(input);
}

function isEssential({ essential }: Sdk.ContainerDefinition): boolean {
  return essential ?? true;
}

function checkNames(containers: readonly Sdk.ContainerDefinition[]): void {
  const seen = new Set<string>();
  for (const { name } of containers) {
    if (!name) throw clientError("Container.name should not be null or empty.");
    if (!namePattern.test(name)) {
      throw clientError(
        "Container name contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.",
      );
    }
    if (seen.has(name))
      throw clientError(`Duplicate container name: ${name}. Container names must be unique within a task.`);
    seen.add(name);
  }
}

function checkVolumes(volumes: readonly Sdk.Volume[]): void {
  const names = volumes.map(({ name }) => name ?? "");
  const wrong = names.find((name) => !namePattern.test(name));
  if (wrong !== undefined) throw clientError(`The volume name "${wrong}" is not valid.`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw clientError(`The volume name ${twice} occurs more than once.`);
}

function checkContainer(container: Sdk.ContainerDefinition, task: Sdk.RegisterTaskDefinitionRequest): void {
  const { name, image, memory, memoryReservation } = container;
  if (!image) throw clientError("Container.image should not be null or empty.");
  if (memory === undefined && memoryReservation === undefined && task.memory === undefined) {
    throw clientError(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  if (memory !== undefined && memory < 4) {
    throw clientError(`Invalid 'memory' setting for container '${name}'. The minimum is 4 MiB.`);
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw clientError(
      `Invalid setting for container '${name}'. The 'memoryReservation' must not be greater than 'memory'.`,
    );
  }
  checkPorts(container, task.networkMode);
  checkReferences(container, task);
}

function checkPorts({ portMappings = [] }: Sdk.ContainerDefinition, networkMode: string | undefined): void {
  for (const { containerPort, hostPort, protocol = "tcp" } of portMappings) {
    if (containerPort !== undefined && !isPort(containerPort)) {
      throw clientError(`Invalid containerPort ${containerPort}: it must be between 1 and 65535.`);
    }
    if (!["tcp", "udp"].includes(protocol)) throw clientError(`Unrecognized protocol: ${protocol}`);
    if (networkMode === "awsvpc" && hostPort !== undefined && hostPort !== containerPort) {
      throw clientError("When networkMode=awsvpc, the host ports and container ports in port mappings must match.");
    }
  }
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65535;
}

function checkReferences(container: Sdk.ContainerDefinition, task: Sdk.RegisterTaskDefinitionRequest): void {
  const volumes = (task.volumes ?? []).map(({ name }) => name);
  for (const { sourceVolume } of container.mountPoints ?? []) {
    if (!volumes.includes(sourceVolume)) throw clientError(`Unknown volume '${sourceVolume}'.`);
  }
  for (const { name, valueFrom } of container.secrets ?? []) {
    if (!name || !valueFrom) throw invalidParameter("A secret must have a name and a valueFrom.");
  }
  checkOtherContainers(container, task.containerDefinitions ?? []);
}

function checkOtherContainers(container: Sdk.ContainerDefinition, all: readonly Sdk.ContainerDefinition[]): void {
  const others = all.map(({ name }) => name).filter((name) => name !== container.name);
  for (const { sourceContainer: name } of container.volumesFrom ?? []) {
    if (!others.includes(name)) throw clientError(`Unknown volumesFrom container '${name}'.`);
  }
  for (const { containerName: name } of container.dependsOn ?? []) {
    if (!others.includes(name)) throw clientError(`Container '${container.name}' cannot depend on '${name}'.`);
  }
}

function checkSize(text: string | undefined, parse: (text: string) => number | undefined, member: string): void {
  if (text !== undefined && parse(text) === undefined)
    throw clientError(`Invalid '${member}' setting for task: ${text}`);
}

function checkFargate({ cpu, memory, networkMode }: Sdk.RegisterTaskDefinitionRequest): void {
  if (networkMode !== "awsvpc") {
    throw clientError("Fargate only supports network mode ‘awsvpc’.");
  }
  if (cpu === undefined) throw clientError("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw clientError("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(parseCpu(cpu) ?? 0, parseMemory(memory) ?? 0)) {
    throw clientError("No Fargate configuration exists for given values.");
  }
}
