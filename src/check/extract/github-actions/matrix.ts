import type { Node } from "yaml";
import type { MappedText } from "../../mapped-text.ts";
import { unwrittenValue, type VariableScope } from "../variable-image.ts";
import type { YamlDocument } from "../yaml-nodes.ts";

/** `${{ matrix.image }}`, `${{ env.TAG }}`; any other expression is a variable that nobody knows. */
export const expression = /\$\{\{\s*(.*?)\s*\}\}/gs;

/** More legs than GitHub runs of a matrix. https://docs.github.com/actions/reference/limits */
const longestMatrix = 256;

type Leg = ReadonlyMap<string, Node>;

/**
 * The values of the variables in `text` for each leg of a job's matrix, as far as they are constant; one scope that knows
 * none where there is no matrix. `exclude` is not looked at: it seldom takes an image's last leg.
 */
export function matrixScopes(
  document: YamlDocument,
  matrix: Node | undefined,
  text: string,
  environment: (name: string) => MappedText | undefined,
): VariableScope[] {
  const names = [...text.matchAll(expression)].flatMap(([, inner = ""]) =>
    [...inner.matchAll(/\bmatrix\.([\w-]+)/g)].map(([, name = ""]) => name),
  );
  return legsOf(document, matrix, [...new Set(names)]).map((leg) => ({
    pattern: expression,
    find(expressionText) {
      const values = expressionText.split("||").map((name) => findValue(name.trim(), leg));
      // `inputs.image || env.IMAGE`: whoever starts the workflow may say another; a push does not.
      const isOpen = (at: number) =>
        values[at] !== undefined || /^\s*(?:inputs|vars)\./.test(expressionText.split("||")[at] ?? "");
      const at = values.findIndex((value) => value !== undefined && value.text !== "");
      return at >= 0 && values.slice(0, at).every((_, before) => isOpen(before)) ? values[at] : undefined;
    },
  }));

  function findValue(name: string, leg: Leg): MappedText | undefined {
    const [root, key = "", ...path] = name.split(".");
    const [, literal] = /^'([^']*)'$/.exec(name) ?? [];
    if (literal !== undefined) return unwrittenValue(literal);
    if (name === "github.workspace") return unwrittenValue(".");
    if (root === "env") return environment(key);
    return root === "matrix" ? document.textOf(document.find(leg.get(key), ...path)) : undefined;
  }
}

function legsOf(document: YamlDocument, matrix: Node | undefined, names: readonly string[]): Leg[] {
  let legs: Leg[] = [new Map()];
  for (const name of names) {
    const values = document.itemsOf(document.find(matrix, name));
    if (values.length === 0) continue;
    legs = legs.flatMap((leg) => values.map((value) => new Map([...leg, [name, value]]))).slice(0, longestMatrix);
  }
  const isWhole = (leg: Leg) => names.every((name) => leg.has(name));
  const included = document
    .itemsOf(document.find(matrix, "include"))
    .map((item) => new Map(document.entriesOf(item).map(({ key, value }) => [key, value])))
    .filter((leg) => names.length > 0 && isWhole(leg));
  const whole = [...legs.filter(isWhole), ...included];
  return whole.length > 0 ? whole : [new Map()];
}
