/** What an edit adds to a template or a buildspec, as JSON has it: functions in their long form. */
export type TemplateValue = string | boolean | readonly TemplateValue[] | { readonly [key: string]: TemplateValue };

export type Entry = readonly [key: string, value: TemplateValue];

/** Lines of YAML's block style, without the first one's indentation. */
export function formatBlockEntry([key, value]: Entry, indentation: string, step: string): string {
  const line = formatInline(value, indentation + step);
  if (line !== undefined) return `${key}: ${line}`;
  const inner = indentation + step;
  const members = Array.isArray(value)
    ? value.map((item) => formatBlockItem(item, inner, step))
    : Object.entries(value).map((entry) => formatBlockEntry(entry, inner, step));
  return [`${key}:`, ...members.map((member) => inner + member)].join("\n");
}

export function formatBlockItem(value: TemplateValue, indentation: string, step: string): string {
  const line = Array.isArray(value) ? formatFlow(value, "yaml") : formatInline(value, `${indentation}  `);
  if (line !== undefined) return `- ${line}`;
  const inner = `${indentation}  `;
  return `- ${Object.entries(value)
    .map((entry) => formatBlockEntry(entry, inner, step))
    .join(`\n${inner}`)}`;
}

/** In one line: `{ Effect: Allow, Resource: "*" }`, or the same in JSON. */
export function formatFlow(value: TemplateValue, format: "yaml" | "json"): string {
  if (typeof value === "string") return format === "json" ? JSON.stringify(value) : quoteFlow(value);
  if (typeof value === "boolean") return String(value);
  const call = format === "yaml" ? formatCall(value, quoteFlow) : undefined;
  if (call !== undefined) return call;
  if (Array.isArray(value)) return `[${value.map((item) => formatFlow(item, format)).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map((entry) => formatFlowEntry(entry, format))
    .join(", ")} }`;
}

export function formatFlowEntry([key, value]: Entry, format: "yaml" | "json"): string {
  return `${format === "json" ? JSON.stringify(key) : key}: ${formatFlow(value, format)}`;
}

/** What may begin in the line of its key or dash; undefined for what takes lines of its own. `inner`: of further lines. */
function formatInline(value: TemplateValue, inner: string): string | undefined {
  if (typeof value === "string") return isLiteral(value) ? formatLiteral(value, inner) : quoteBlock(value);
  return typeof value === "boolean" ? String(value) : formatCall(value, quoteBlock);
}

/** Lines that a literal block gives back as they are. */
function isLiteral(text: string): boolean {
  return /^\S.*\n/.test(text) && !/[^\S\n]$|\n\n$|[^\n\x20-\x7e\u00a0-\uffff]/m.test(text);
}

/** https://yaml.org/spec/1.2.2/#812-literal-style */
function formatLiteral(text: string, inner: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const head = text.endsWith("\n") ? "|" : "|-";
  return [head, ...lines.map((line) => (line === "" ? "" : inner + line))].join("\n");
}

function formatCall(value: TemplateValue, quote: (text: string) => string): string | undefined {
  if (typeof value !== "object") return undefined;
  const [[key, argument] = [], ...others] = Object.entries(value);
  if (others.length > 0 || typeof argument !== "string") return undefined;
  if (key === "Ref") return `!Ref ${argument}`;
  return key === "Fn::Sub" ? `!Sub ${quote(argument)}` : undefined;
}

/** https://yaml.org/spec/1.2.2/#733-plain-style, and what older parsers take for something else than text. */
function quoteBlock(text: string): string {
  const isPlain = /^[A-Za-z/](?:[^\n]*[^\s:])?$/.test(text) && !/: | #/.test(text);
  return isPlain && !/^(?:true|false|null|yes|no|on|off)$/i.test(text) ? text : quote(text);
}

function quoteFlow(text: string): string {
  return /[{}[\],"]/.test(text) ? quote(text) : quoteBlock(text);
}

function quote(text: string): string {
  return text.includes('"') && !/[\n']/.test(text) ? `'${text}'` : JSON.stringify(text);
}
