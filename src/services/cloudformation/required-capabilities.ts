import { AwsError } from "../../aws-api/aws-error.ts";
import type { Template } from "../../template/template.ts";
import { findEntry } from "../../template/template-node.ts";

/** Types that give permissions, each with the property that names it, if any. */
const identityTypes: Readonly<Record<string, string | undefined>> = {
  "AWS::IAM::AccessKey": undefined,
  "AWS::IAM::Group": "GroupName",
  "AWS::IAM::InstanceProfile": "InstanceProfileName",
  "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
  "AWS::IAM::Policy": undefined,
  "AWS::IAM::Role": "RoleName",
  "AWS::IAM::User": "UserName",
  "AWS::IAM::UserToGroupAddition": undefined,
};

export interface RequiredCapability {
  capability: "CAPABILITY_IAM" | "CAPABILITY_NAMED_IAM";
  /** AWS's words: `The following resource(s) require capabilities: [AWS::IAM::Role]`. */
  reason: string;
}

/** What a stack's creator must acknowledge. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
export function requiredCapability(template: Template): RequiredCapability | undefined {
  const resources = [...template.resources.values()].filter(({ type }) => Object.hasOwn(identityTypes, type));
  if (resources.length === 0) return undefined;
  const isNamed = resources.some(({ type, properties }) => {
    const name = identityTypes[type];
    return name !== undefined && findEntry(properties, name) !== undefined;
  });
  const types = [...new Set(resources.map(({ type }) => type))];
  return {
    capability: isNamed ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM",
    reason: `The following resource(s) require capabilities: [${types.join(", ")}]`,
  };
}

/** Throws InsufficientCapabilitiesException where the given ones do not cover the template's. */
export function checkCapabilities(template: Template, given: readonly string[]): void {
  const required = requiredCapability(template);
  if (required === undefined || given.includes("CAPABILITY_NAMED_IAM") || given.includes(required.capability)) return;
  throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${required.capability}]`);
}
