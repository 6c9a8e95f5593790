import { RegistryError } from "../registry/registry-error.ts";
import { ContentUnavailable } from "./content/pulled-content.ts";
import { UpstreamFailure } from "./upstream/upstream-failure.ts";

/** Seconds that a client is asked to wait where nothing better is known. */
const defaultRetryAfter = 60;

/**
 * What a client is told of a pull that failed. Never 404: an image that cannot be had now is not one that does not exist.
 * Anything else than the two known failures is passed on as it is.
 */
export function refusalOf(error: unknown): unknown {
  if (error instanceof ContentUnavailable) {
    return new RegistryError("UNAVAILABLE", { message: error.message, headers: retryAfter(5), cause: error });
  }
  if (!(error instanceof UpstreamFailure)) return error;
  const seconds = error.retryAfter === undefined ? defaultRetryAfter : Math.ceil(error.retryAfter / 1000);
  switch (error.kind) {
    case "pull-limit":
    case "abuse-limit":
      return new RegistryError("TOOMANYREQUESTS", {
        message: error.message,
        headers: retryAfter(Math.max(1, seconds)),
        cause: error,
      });
    case "denied":
      return new RegistryError("DENIED", { message: error.message, cause: error });
    case "unavailable":
    case "faulty":
      return new RegistryError("UNAVAILABLE", { message: error.message, headers: retryAfter(seconds), cause: error });
  }
}

function retryAfter(seconds: number): Record<string, string> {
  return { "retry-after": String(seconds) };
}
