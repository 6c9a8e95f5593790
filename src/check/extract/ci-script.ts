import type { BuildStep } from "../build-job.ts";
import type { MappedText } from "../mapped-text.ts";
import type { Findings } from "./findings.ts";

export interface ScriptContext {
  directory: string | undefined;
  variables: Readonly<Record<string, string>>;
}

/** What the commands of a job's step do with registries. */
export function readScript(_source: MappedText, _context: ScriptContext, _findings: Findings): BuildStep[] {
  return [];
}
