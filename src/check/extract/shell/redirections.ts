import type { HereDoc, Redirection } from "unbash";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import { evaluateOne, evaluateParts } from "./evaluate-word.ts";
import type { ShellScope } from "./shell-scope.ts";
import type { ShellValue } from "./shell-value.ts";
import type { CommandInput } from "./simple-command.ts";

/** What comes from here documents, here strings and files. */
export function inputsOf(redirects: readonly Redirection[], source: MappedText, scope: ShellScope): CommandInput[] {
  return redirects.flatMap((redirect): CommandInput[] => {
    if (redirect.type === "HereDoc") return [{ kind: "text", text: readHereDoc(redirect, source, scope) }];
    if (redirect.target === undefined) return [];
    if (redirect.type === "HereString") return [{ kind: "text", text: evaluateOne(redirect.target, source, scope) }];
    return redirect.operator === "<" ? [{ kind: "file", path: evaluateOne(redirect.target, source, scope) }] : [];
  });
}

function readHereDoc({ body }: HereDoc, source: MappedText, scope: ShellScope): ShellValue {
  const place = pieceOf(source, { start: body.pos, end: body.end });
  if (body.parts === undefined) {
    return {
      pieces: [{ text: body.text, isConstant: true }],
      origin: place,
      defaults: [],
      through: [],
      place,
      isQuoted: true,
    };
  }
  return { ...evaluateParts(body.parts, source, scope), place, isQuoted: true };
}

export function outputOf(
  redirects: readonly Redirection[],
  source: MappedText,
  scope: ShellScope,
): ShellValue | undefined {
  const redirect = redirects.findLast(({ type, operator }) => type === "Redirect" && /^&?>[>|]?$/.test(operator));
  if (redirect?.type !== "Redirect" || redirect.target === undefined) return undefined;
  const isOutput =
    redirect.descriptor === undefined ||
    (redirect.descriptor.type === "FileDescriptor" && redirect.descriptor.value === 1);
  return isOutput ? evaluateOne(redirect.target, source, scope) : undefined;
}
