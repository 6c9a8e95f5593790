import { UsageError } from "../../../usage-error.ts";
import { rules } from "../rules.ts";
import { english } from "./english.ts";
import type { Explanation, Language } from "./explanation.ts";
import { japanese } from "./japanese.ts";

/** Throws UsageError CHECK_RULE for a code that no rule has. */
export function explainRule(code: string, language: Language): Explanation {
  const explanation = { en: english, ja: japanese }[language][code.toUpperCase()];
  if (explanation !== undefined) return explanation;
  throw new UsageError("CHECK_RULE", `no rule has the code ${code}`, { hint: "chubo explain lists them all" });
}

const headings = {
  en: { why: "Why", example: "Example", remedy: "Remedy" },
  ja: { why: "理由", example: "例", remedy: "対処" },
};

/** What a page, or a viewer of findings, shows below its own heading. */
function formatBody(code: string, language: Language): string {
  const { why, example, remedy } = explainRule(code, language);
  const words = headings[language];
  return `**${words.why}.** ${why}\n\n**${words.example}.**\n\n\`\`\`\n${example}\n\`\`\`\n\n**${words.remedy}.** ${remedy}\n`;
}

/** In English, as SARIF has a rule's help: plain and in Markdown. */
export function formatRuleHelp(code: string): { text: string; markdown: string } {
  return { text: formatExplanation(code, "en", (text) => text), markdown: formatBody(code, "en") };
}

/** A rule's page, in both languages: docs/rules/CODE.md. */
export function formatRulePage(code: string): string {
  const { name = "", level = "" } = rules.find((rule) => rule.code === code) ?? {};
  const parts = (["en", "ja"] as const).map((language) => {
    return `## ${explainRule(code, language).title}\n\n${formatBody(code, language)}`;
  });
  return `# ${code} ${name}\n\nLevel: ${level}. Made by \`node scripts/rule-pages.ts\` from \`src/check/rules/explanations/\`.\n\n${parts.join("\n")}`;
}

/** For a terminal. */
export function formatExplanation(code: string, language: Language, strong: (text: string) => string): string {
  const { title, why, example, remedy } = explainRule(code, language);
  const words = headings[language];
  const indented = example.replaceAll(/^/gm, "    ");
  return `${strong(`${code.toUpperCase()} ${title}`)}\n\n${why}\n\n${strong(words.example)}\n${indented}\n\n${strong(words.remedy)}\n  ${remedy}\n`;
}
