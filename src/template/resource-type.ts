import generated from "./resource-types.generated.json" with { type: "json" };

/** What a resource type's template may say, and what Ref and Fn::GetAtt return of it. */
export interface ResourceType {
  properties: Structure;
  attributes: readonly string[];
}

export type Structure = Readonly<Record<string, Property>>;

export interface Property {
  type: PropertyType;
  isRequired: boolean;
}

export type PropertyType =
  | { kind: "string" | "integer" | "number" | "boolean" | "json" | "date-time" }
  | { kind: "list"; element: PropertyType }
  | { kind: "map"; element: PropertyType }
  | { kind: "structure"; name: string }
  | { kind: "either"; types: readonly PropertyType[] };

export interface ResourceTypeCatalogue {
  findType(name: string): ResourceType | undefined;
  getStructure(name: string): Structure;
}

/** Every list of tags has this element, whatever the service calls it. */
const tagStructure = "Tag";

type WrittenStructure = Record<string, string>;

/** The types in resource-types.generated.json; scripts/generate-resource-types.ts describes its notation. */
export function resourceTypeCatalogue(): ResourceTypeCatalogue {
  const resources = generated.resources as Record<string, { attributes: string[]; properties: WrittenStructure }>;
  const structures: Record<string, WrittenStructure> = {
    ...generated.structures,
    [tagStructure]: { Key: "!string", Value: "!string" },
  };
  return {
    findType(name) {
      const written = Object.hasOwn(resources, name) ? resources[name] : undefined;
      return written && { attributes: written.attributes, properties: readStructure(written.properties) };
    },
    getStructure(name) {
      const written = structures[name];
      if (written === undefined) throw new TypeError(`resource-types.generated.json lacks ${name}`);
      return readStructure(written);
    },
  };
}

function readStructure(written: WrittenStructure): Structure {
  return Object.fromEntries(
    Object.entries(written).map(([name, text]) => {
      const isRequired = text.startsWith("!");
      return [name, { type: readType(isRequired ? text.slice(1) : text), isRequired }];
    }),
  );
}

function readType(text: string): PropertyType {
  if (text.startsWith("[]")) return { kind: "list", element: readType(text.slice(2)) };
  if (text.startsWith("{}")) return { kind: "map", element: readType(text.slice(2)) };
  if (text.includes("|")) return { kind: "either", types: text.split("|").map(readType) };
  if (text.startsWith("#")) return { kind: "structure", name: text.slice(1) };
  if (text === "tag") return { kind: "structure", name: tagStructure };
  return { kind: text as "string" };
}
