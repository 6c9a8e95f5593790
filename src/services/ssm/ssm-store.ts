import type { Store } from "../../store/store.ts";
import type { ParameterRecord } from "./parameter.ts";
import { parameterNotFound } from "./ssm-error.ts";

/** Where parameters are looked for. */
export interface ParameterPlace {
  region: string;
  account: string;
}

/** Parameters by region and name, in the order of their names. */
export interface ParameterStore {
  /** By name or ARN; an ARN leaves open whether the name begins with its slash. */
  find(id: string, place: ParameterPlace): ParameterRecord | undefined;
  /** Throws ParameterNotFound. */
  get(id: string | undefined, place: ParameterPlace): ParameterRecord;
  list(place: ParameterPlace): ParameterRecord[];
  put(parameter: ParameterRecord): void;
  remove(parameter: ParameterRecord): void;
}

export function openParameterStore(store: Store): ParameterStore {
  const records = store.collection<ParameterRecord>("ssm.parameter");
  const keyOf = ({ region, name }: { region: string; name: string }) => `${region} ${name}`;
  const find: ParameterStore["find"] = (id, place) =>
    id.startsWith("arn:")
      ? records.list(`${place.region} `).find(({ arn }) => arn === id)
      : records.get(keyOf({ ...place, name: id }));
  return {
    find,
    get(id = "", place) {
      const parameter = find(id, place);
      if (parameter === undefined) throw parameterNotFound();
      return parameter;
    },
    list: ({ region }) => records.list(`${region} `),
    put: (parameter) => records.put(keyOf(parameter), parameter),
    remove: (parameter) => void records.delete(keyOf(parameter)),
  };
}
