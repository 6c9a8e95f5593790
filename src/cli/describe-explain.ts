import { type Command, Option } from "commander";
import { type Language, languages } from "../check/rules/explanations/explanation.ts";

export interface ExplainFlags {
  language?: Language;
}

/** Options and help of `chubo explain`. */
export function describeExplain(
  command: Command,
  run: (code: string | undefined, flags: ExplainFlags) => Promise<void>,
): void {
  command
    .description("why chubo check finds something, and what to do; without a code, all rules")
    .argument("[code]", "for example CHUBO001")
    .addOption(new Option("--language <language>", "en or ja (default: as the locale says)").choices(languages))
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  $ chubo explain
  $ chubo explain CHUBO001
  $ chubo explain CHUBO001 --language ja`;
