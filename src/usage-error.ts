/** Where in a user's file an error stands. Lines and columns count from 1. */
export interface SourcePlace {
  file?: string;
  line?: number;
  column?: number;
}

/**
 * Something the user gave is wrong: an option, a template, a buildspec, a missing engine.
 * `main.ts` prints it with its place and hint and exits 2. Codes are listed in docs/errors.md.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code: string;
  readonly place: SourcePlace;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: SourcePlace & { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    const { hint, cause: _, ...place } = details;
    this.code = code;
    this.place = place;
    this.hint = hint;
  }
}
