/**
 * An error that AWS models. `name` is a name in the operation's schema or a documented common error; aws-api's
 * error writer gives it the HTTP status and shape of the protocol. The message is AWS's wording where it is known.
 */
export class AwsError extends Error {
  override readonly name: string;
  /** Further members of the error's shape, such as S3's BucketName. */
  readonly members: Record<string, unknown>;
  /** Overrides the schema's status, for errors that are in no schema. */
  readonly statusCode: number | undefined;

  constructor(
    name: string,
    message: string,
    options: { members?: Record<string, unknown>; statusCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = name;
    this.members = options.members ?? {};
    this.statusCode = options.statusCode;
  }
}
