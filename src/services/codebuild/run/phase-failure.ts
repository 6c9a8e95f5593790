/** A phase ends FAILED with this context; the build goes on as the phase machine says. */
export class PhaseFailure extends Error {
  override readonly name = "PhaseFailure";
  readonly statusCode: string;

  constructor(statusCode: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.statusCode = statusCode;
  }
}
