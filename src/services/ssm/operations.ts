import type * as Sdk from "@aws-sdk/client-ssm";
import type { Operations } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import type { Store } from "../../store/store.ts";
import { labelOperations } from "./label-operations.ts";
import { onEach, onName } from "./parameter-permission.ts";
import { putParameter } from "./put-parameter.ts";
import { checkNames, readingOperations } from "./reading-operations.ts";
import { openParameterStore } from "./ssm-store.ts";
import { tagOperations } from "./tag-operations.ts";

export interface SsmOptions {
  store: Store;
  box: SecretBox;
  now(): Date;
}

/** Parameter Store, the part of Systems Manager that builds and templates read. */
export function ssmOperations({ store, box, now }: SsmOptions): Operations<typeof Sdk> {
  const parameters = openParameterStore(store);
  return {
    ...readingOperations(box, parameters),
    ...labelOperations(parameters),
    ...tagOperations(parameters),
    PutParameter: {
      permissions: (input, context) => onName("PutParameter", input.Name, context),
      run: (input, context) => putParameter({ box, parameters, now }, input, context),
    },
    DeleteParameter: {
      permissions: (input, context) => onName("DeleteParameter", input.Name, context),
      run(input, context) {
        parameters.remove(parameters.get(input.Name, context));
        return {};
      },
    },
    DeleteParameters: {
      permissions: (input, context) => onEach("DeleteParameters", input.Names, context),
      run({ Names = [] }, context) {
        checkNames(Names);
        const found = Names.map((name) => parameters.find(name, context)).filter(
          (parameter) => parameter !== undefined,
        );
        for (const parameter of found) parameters.remove(parameter);
        const DeletedParameters = found.map(({ name }) => name);
        return { DeletedParameters, InvalidParameters: Names.filter((name) => !DeletedParameters.includes(name)) };
      },
    },
  };
}
