import type { AndOr, ArithmeticFor, For, Select, While } from "unbash";

/** `a || true`: the list goes on when the command at `index` has failed. Not so with `a || exit 1`. */
export function canFail({ commands, operators }: AndOr, index: number, text: string): boolean {
  const or = operators.findIndex((operator, at) => at >= index && operator === "||");
  const next = commands[or + 1];
  if (or < 0 || next === undefined) return false;
  return !/\b(?:exit|return|false|die|fail|abort)\b/.test(text.slice(next.pos, next.end));
}

/** A loop that waits and tries again, or ends with the first success; not one that goes through images and sleeps. */
export function isRetryLoop(loop: For | While | ArithmeticFor | Select, text: string): boolean {
  const written = text.slice(loop.pos, loop.end);
  if (/&&\s*(?:break|return|exit 0)\b|\|\|\s*[({]?\s*sleep\b/.test(written)) return true;
  if (loop.type === "While")
    return loop.kind === "until" || (/\bsleep\b/.test(written) && !/^while\s+(?:IFS=\S*\s+)?read\b/.test(written));
  const counts =
    loop.type === "ArithmeticFor" ||
    (loop.type === "For" && loop.wordlist?.every(({ text: word }) => isCount(word)) === true);
  return counts && /\bsleep\b/.test(written);
}

/** `1`, `{1..5}`, `$(seq 5)`. */
function isCount(word: string): boolean {
  return /^\d+$|^\{\d+\.\.\d+\}$|^\$\(seq\b|^`seq\b/.test(word);
}
