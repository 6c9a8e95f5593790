import { explainRule, formatExplanation } from "../check/rules/explanations/explain-rule.ts";
import { languageOf } from "../check/rules/explanations/explanation.ts";
import { rules } from "../check/rules/rules.ts";
import type { ExplainFlags } from "./describe-explain.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo explain [CODE]`. */
export function explainCommand(code: string | undefined, flags: ExplainFlags, process: ProcessView): number {
  const { LC_ALL, LC_MESSAGES, LANG } = process.variables;
  const language = flags.language ?? languageOf(LC_ALL || LC_MESSAGES || LANG || "");
  const { line, write, style } = openTerminal(process, process.stdout);
  if (code !== undefined) write(formatExplanation(code, language, (text) => style("bold", text)));
  else {
    const colours = { error: "red", warning: "yellow", note: "cyan" } as const;
    for (const rule of rules) {
      const { title } = explainRule(rule.code, language);
      line(`${rule.code} ${style(colours[rule.level], rule.level.padEnd(7))} ${title}`);
    }
  }
  return exitStatus.succeeded;
}
