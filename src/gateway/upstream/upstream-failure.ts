/**
 * - `pull-limit`: 429 for this identity's allowance of pulls.
 * - `abuse-limit`: 429 for too many requests of any kind.
 * - `denied`: 401 or 403 although the identity's token was sent, or its login was refused.
 * - `unavailable`: no network, silence, 5xx, a cut answer.
 * - `faulty`: an answer that cannot be right: HTML, a wrong digest, a redirect in a loop or to a private address.
 */
export type UpstreamFailureKind = "pull-limit" | "abuse-limit" | "denied" | "unavailable" | "faulty";

/** An upstream registry did not give what was asked. The message names the registry, and never a credential. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly kind: UpstreamFailureKind;
  readonly status: number | undefined;
  /** Milliseconds from now until it is worth asking again, where the upstream or the ledger says so. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: UpstreamFailureKind,
    message: string,
    options: { status?: number; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}
