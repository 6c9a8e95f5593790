import { isSeq, type Node } from "yaml";
import type { MappedText } from "../../mapped-text.ts";
import type { VariableScope } from "../variable-image.ts";
import type { YamlDocument } from "../yaml-nodes.ts";

/** `extends` may go eleven levels deep. https://docs.gitlab.com/ci/yaml/#extends */
const longestChain = 11;
const mostTemplates = 200;
const mostCommands = 10_000;

/** A GitLab document in which `extends`, `default` and `!reference` are followed. */
export interface GitLabDocument {
  document: YamlDocument;
  /** A key of a job, its templates, `default` and the document's top, in this order of precedence. */
  keyword(job: Node, key: string): Node | undefined;
  /** `!reference [.job, script]` leads to what it names, for any other node to itself. */
  dereference(node: Node | undefined): Node | undefined;
  /** The names of all templates that jobs of this document extend. */
  extended: ReadonlySet<string>;
  /** The variables of a job and of the document. */
  variablesOf(job: Node | undefined): VariableScope;
}

/** `$NAME`, `${NAME}`, `%NAME%`, and `$[[ inputs.name ]]` of a component. */
const variable = /\$\{?([A-Za-z_]\w*)\}?|%([A-Za-z_]\w*)%|(\$\[\[.*?\]\])/g;

/** What GitLab sets for its own registry and for its proxy of Docker Hub, which counts no pull. */
const elsewhere = /^CI_(?:REGISTRY|DEPENDENCY_PROXY|TEMPLATE_REGISTRY|SERVER)/;

export function openGitLabDocument(document: YamlDocument): GitLabDocument {
  const { find, root, textOf, itemsOf, entriesOf } = document;

  function dereference(node: Node | undefined): Node | undefined {
    let target = node;
    for (let length = 0; isSeq(target) && target.tag === "!reference"; length++) {
      if (length === longestChain) return undefined;
      const keys = itemsOf(target).map((item) => textOf(item)?.text ?? "");
      target = keys.reduce<Node | undefined>(
        (parent, key) => (isSeq(parent) ? itemsOf(parent)[Number(key)] : find(parent, key)),
        root,
      );
    }
    return target;
  }

  function parentsOf(job: Node): Node[] {
    const names = find(job, "extends");
    const texts = [textOf(names), ...itemsOf(names).map(textOf)].map((text) => text?.text);
    return texts.flatMap((name) => (name === undefined ? [] : (find(root, name) ?? []))).toReversed();
  }

  /** The job and what it extends, the nearest first. */
  function chainOf(job: Node, chain = new Set<Node>()): Set<Node> {
    if (chain.has(job) || chain.size > mostTemplates) return chain;
    chain.add(job);
    for (const parent of parentsOf(job)) chainOf(parent, chain);
    return chain;
  }

  function keyword(job: Node, key: string): Node | undefined {
    const own = [...chainOf(job)].map((level) => find(level, key)).find((node) => node !== undefined);
    if (own !== undefined) return dereference(own);
    const inherits = textOf(find(job, "inherit", "default"))?.text !== "false";
    return inherits ? dereference(find(root, "default", key) ?? find(root, key)) : undefined;
  }

  function variablesOf(job: Node | undefined): VariableScope {
    const levels = [...(job === undefined ? [] : chainOf(job)), root].map((level) => find(level, "variables"));
    return {
      pattern: variable,
      isElsewhere: (name) => elsewhere.test(name),
      find(name) {
        const node = levels.map((level) => find(level, name)).find((found) => found !== undefined);
        return textOf(find(node, "value")) ?? textOf(node);
      },
    };
  }

  const extended = new Set(
    entriesOf(root).flatMap(({ value }) => {
      const names = find(value, "extends");
      return [textOf(names), ...itemsOf(names).map(textOf)].flatMap((text) => text?.text ?? []);
    }),
  );
  return { document, keyword, dereference, extended, variablesOf };
}

/** Lists in lists, and `!reference`s, in the order in which their commands run. */
export function commandsOf(node: Node | undefined, { document, dereference }: GitLabDocument): MappedText[] {
  const commands: MappedText[] = [];
  let visits = 0;
  const collect = (from: Node | undefined, depth: number): void => {
    const target = dereference(from);
    if (target === undefined || depth === longestChain || visits++ > mostCommands) return;
    const text = document.textOf(target);
    if (text !== undefined) commands.push(text);
    for (const item of document.itemsOf(target)) collect(item, depth + 1);
  };
  collect(node, 0);
  return commands;
}
