import type * as Sdk from "@aws-sdk/client-ssm";
import type { Operations } from "../../aws-api/service.ts";
import { newestVersion, type ParameterRecord, type ParameterVersionRecord } from "./parameter.ts";
import { onName } from "./parameter-permission.ts";
import { constraintError, ssmError } from "./ssm-error.ts";
import type { ParameterStore } from "./ssm-store.ts";

const mostLabels = 10;
const longestLabel = 100;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */
export function labelOperations(parameters: ParameterStore): Operations<typeof Sdk> {
  return {
    LabelParameterVersion: {
      permissions: (input, context) => onName("LabelParameterVersion", input.Name, context),
      run(input, context) {
        const parameter = parameters.get(input.Name, context);
        const version = getVersion(parameter, input.ParameterVersion);
        const labels = checkedLabels(input.Labels ?? []);
        const valid = labels.filter(isLabel);
        moveLabels(parameter, version, valid);
        parameters.put(parameter);
        return { InvalidLabels: labels.filter((label) => !isLabel(label)), ParameterVersion: version.version };
      },
    },
    UnlabelParameterVersion: {
      permissions: (input, context) => onName("UnlabelParameterVersion", input.Name, context),
      run(input, context) {
        const parameter = parameters.get(input.Name, context);
        const version = getVersion(parameter, input.ParameterVersion);
        const labels = checkedLabels(input.Labels ?? []);
        const RemovedLabels = labels.filter((label) => version.labels.includes(label));
        version.labels = version.labels.filter((label) => !labels.includes(label));
        parameters.put(parameter);
        return { RemovedLabels, InvalidLabels: labels.filter((label) => !RemovedLabels.includes(label)) };
      },
    },
  };
}

function getVersion(parameter: ParameterRecord, number: number | undefined): ParameterVersionRecord {
  if (number === undefined) return newestVersion(parameter);
  const version = parameter.versions.find((candidate) => candidate.version === number);
  if (version !== undefined) return version;
  const message = `Systems Manager could not find version ${number} of ${parameter.name}. Verify the version and try again.`;
  throw ssmError("ParameterVersionNotFound", message);
}

/** A label is at one version at most. */
function moveLabels(parameter: ParameterRecord, target: ParameterVersionRecord, labels: readonly string[]): void {
  const added = labels.filter((label) => !target.labels.includes(label));
  if (target.labels.length + added.length > mostLabels) {
    const message =
      "A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.";
    throw ssmError("ParameterVersionLabelLimitExceeded", message);
  }
  for (const version of parameter.versions) {
    version.labels = version.labels.filter((label) => !added.includes(label));
  }
  target.labels.push(...added);
}

function checkedLabels(labels: readonly string[]): string[] {
  const long = labels.find((label) => label.length > longestLabel);
  if (labels.length > 0 && long === undefined) return [...new Set(labels)];
  const constraint =
    long === undefined
      ? "Member must have length greater than or equal to 1"
      : "Member must satisfy constraint: [Member must have length less than or equal to 100, Member must have length greater than or equal to 1]";
  throw constraintError(`[${labels.join(", ")}]`, "labels", constraint);
}

function isLabel(label: string): boolean {
  return /^[a-zA-Z_.-][a-zA-Z0-9_.-]*$/.test(label) && !/^(aws|ssm)/i.test(label);
}
