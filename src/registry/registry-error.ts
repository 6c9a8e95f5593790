interface ErrorRow {
  message: string;
  status: number;
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes, and those that clients know beside. */
export const registryErrors = {
  BLOB_UNKNOWN: { status: 404, message: "blob unknown to registry" },
  BLOB_UPLOAD_INVALID: { status: 400, message: "blob upload invalid" },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: "blob upload unknown to registry" },
  DENIED: { status: 403, message: "requested access to the resource is denied" },
  DIGEST_INVALID: { status: 400, message: "provided digest did not match uploaded content" },
  MANIFEST_BLOB_UNKNOWN: { status: 400, message: "manifest references a manifest or blob unknown to registry" },
  MANIFEST_INVALID: { status: 400, message: "manifest invalid" },
  MANIFEST_UNKNOWN: { status: 404, message: "manifest unknown to registry" },
  NAME_INVALID: { status: 400, message: "invalid repository name" },
  NAME_UNKNOWN: { status: 404, message: "repository name not known to registry" },
  PAGINATION_NUMBER_INVALID: { status: 400, message: "invalid number of results requested" },
  RANGE_INVALID: { status: 416, message: "invalid content range" },
  SIZE_INVALID: { status: 413, message: "manifest is larger than 4 MiB" },
  STORAGE_FULL: { status: 507, message: "the registry has no room left on its disk" },
  TAG_INVALID: { status: 400, message: "manifest tag did not match URI" },
  TOOMANYREQUESTS: { status: 429, message: "too many requests" },
  UNAUTHORIZED: { status: 401, message: "authentication required" },
  UNAVAILABLE: { status: 503, message: "service unavailable" },
  UNKNOWN: { status: 500, message: "unknown error" },
  UNSUPPORTED: { status: 405, message: "the operation is unsupported" },
} as const satisfies Record<string, ErrorRow>;

export type RegistryErrorCode = keyof typeof registryErrors;

/** Anything that a registry refuses. `error-response.ts` alone writes it to the wire. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code: RegistryErrorCode;
  readonly detail: unknown;
  /** Further headers of the answer, such as the `Range` received so far. */
  readonly headers: Record<string, string>;

  /** `message` replaces the table's where the imitated registry has words of its own; clients print it. */
  constructor(
    code: RegistryErrorCode,
    options: { message?: string; detail?: unknown; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(options.message ?? registryErrors[code].message, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return registryErrors[this.code].status;
  }
}
