/** A report file that is not what its format says, and where in it. */
export class ReportFileError extends Error {
  override readonly name = "ReportFileError";
  /** From 1. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, place: { line?: number | undefined; column?: number | undefined } = {}) {
    super(message);
    this.line = place.line;
    this.column = place.column;
  }
}
