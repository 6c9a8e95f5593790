import type * as Sdk from "@aws-sdk/client-ecs";
import type { TaskDefinitionRecord } from "./ecs-store.ts";
import { isFargateSize, parseCpu, parseMemory } from "./fargate-size.ts";
import { requiredAttributes } from "./required-attributes.ts";

/**
 * What a registration determines, with the members that AWS adds: empty lists, the protocol and host port of a port
 * mapping, `essential`, `cpu`. Which ones it adds is from memory of its answers.
 */
export function fillDefaults(input: Sdk.RegisterTaskDefinitionRequest): Record<string, unknown> {
  const { tags: _, containerDefinitions = [], cpu, memory, ...given } = input;
  const size = { cpu: cpu && parseCpu(cpu), memory: memory && parseMemory(memory) };
  const definition = {
    ...given,
    containerDefinitions: containerDefinitions.map((container) => fillContainer(container, input)),
    volumes: (input.volumes ?? []).map(fillVolume),
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: compatibilitiesOf(input),
    ...(size.cpu && { cpu: String(size.cpu) }),
    ...(size.memory && { memory: String(size.memory) }),
  };
  return { ...definition, requiresAttributes: requiredAttributes(input) };
}

function fillContainer(
  container: Sdk.ContainerDefinition,
  { networkMode = "bridge" }: Sdk.RegisterTaskDefinitionRequest,
): Sdk.ContainerDefinition {
  return {
    ...container,
    cpu: container.cpu ?? 0,
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...mapping,
      // In awsvpc and host mode a container has its port on the host.
      hostPort: mapping.hostPort ?? (networkMode === "bridge" ? 0 : (mapping.containerPort ?? 0)),
      protocol: mapping.protocol ?? "tcp",
    })),
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
  };
}

/** A volume without any configuration is one of the host's that Docker names. */
function fillVolume(volume: Sdk.Volume): Sdk.Volume {
  const { name: _, host, ...configured } = volume;
  return host === undefined && Object.keys(configured).length === 0 ? { ...volume, host: {} } : volume;
}

function compatibilitiesOf({ networkMode, cpu = "", memory = "", ...input }: Sdk.RegisterTaskDefinitionRequest) {
  const isHostBound = (input.volumes ?? []).some(({ host }) => host?.sourcePath !== undefined);
  const isPrivileged = (input.containerDefinitions ?? []).some(({ privileged }) => privileged);
  const suitsFargate =
    networkMode === "awsvpc" &&
    isFargateSize(parseCpu(cpu) ?? 0, parseMemory(memory) ?? 0) &&
    !isHostBound &&
    !isPrivileged &&
    (input.placementConstraints ?? []).length === 0;
  const isExternal = networkMode !== "awsvpc" && (input.requiresCompatibilities ?? []).includes("EXTERNAL");
  return [...(isExternal ? ["EXTERNAL"] : []), "EC2", ...(suitsFargate ? ["FARGATE"] : [])];
}

export function describeTaskDefinition(record: TaskDefinitionRecord): Sdk.TaskDefinition {
  const { deregisteredAt } = record;
  return {
    ...record.definition,
    taskDefinitionArn: record.arn,
    family: record.family,
    revision: record.revision,
    status: record.status,
    registeredAt: new Date(record.registeredAt),
    registeredBy: record.registeredBy,
    ...(deregisteredAt !== undefined && { deregisteredAt: new Date(deregisteredAt) }),
  };
}
