import type * as Sdk from "@aws-sdk/client-ssm";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import type { ParameterRecord } from "./parameter.ts";
import { onName } from "./parameter-permission.ts";
import { ssmError, unsupported } from "./ssm-error.ts";
import type { ParameterStore } from "./ssm-store.ts";

interface TagTarget {
  ResourceType?: string | undefined;
  ResourceId?: string | undefined;
}

/** Systems Manager tags many kinds of resources; parameters are the ones that are here. */
export function tagOperations(parameters: ParameterStore): Operations<typeof Sdk> {
  const target = (input: TagTarget, context: CallContext) => getTagged(parameters, input, context);
  return {
    AddTagsToResource: {
      permissions: (input, context) => onName("AddTagsToResource", input.ResourceId, context),
      run(input, context) {
        const parameter = target(input, context);
        const added = new Set(input.Tags?.map(({ Key }) => Key));
        parameter.tags = [...parameter.tags.filter(({ Key }) => !added.has(Key)), ...(input.Tags ?? [])];
        parameters.put(parameter);
        return {};
      },
    },
    RemoveTagsFromResource: {
      permissions: (input, context) => onName("RemoveTagsFromResource", input.ResourceId, context),
      run(input, context) {
        const parameter = target(input, context);
        parameter.tags = parameter.tags.filter(({ Key = "" }) => !input.TagKeys?.includes(Key));
        parameters.put(parameter);
        return {};
      },
    },
    ListTagsForResource: {
      permissions: (input, context) => onName("ListTagsForResource", input.ResourceId, context),
      run: (input, context) => ({
        TagList: target(input, context).tags.map(({ Key = "", Value = "" }) => ({ Key, Value })),
      }),
    },
  };
}

function getTagged(
  parameters: ParameterStore,
  { ResourceType: type, ResourceId: id = "" }: TagTarget,
  context: CallContext,
): ParameterRecord {
  if (type !== "Parameter") throw unsupported(`tags of the resource type ${type}`);
  const parameter = parameters.find(id, context);
  if (parameter !== undefined) return parameter;
  const message = `Resource ${id} of the type ${type} does not exist`;
  throw ssmError("InvalidResourceId", message);
}
