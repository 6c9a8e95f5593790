/** The identity behind an access key. */
export interface Principal {
  /** As `aws sts get-caller-identity` prints it: `…:root` or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
  arn: string;
  account: string;
  userId: string;
  /** Name of the role whose policies decide. Absent for the account's root, which may do everything. */
  roleName?: string;
}

export interface Credential {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
  principal: Principal;
}

/** What an operation knows of its call beside the input. */
export interface CallContext {
  service: string;
  operation: string;
  requestId: string;
  region: string;
  account: string;
  principal: Principal;
  /** Absent for calls from inside the process. */
  host?: string;
}

/** One thing that the caller must be allowed to do: `ecr:PutImage` on a repository's ARN. */
export interface Permission {
  action: string;
  /** An ARN, or `*` for actions that know no resource. */
  resource: string;
  /** Values of the condition keys of this call, in lower case: `{"aws:sourceaccount": "…"}`. */
  conditionValues?: Record<string, string | string[]>;
}

/** A row of a service's operation table. */
export interface Operation<Input, Output> {
  run(input: Input, context: CallContext): Output | Promise<Output>;
  /** Empty only where AWS asks for no permission at all (`sts:GetCallerIdentity`). */
  permissions(input: Input, context: CallContext): readonly Permission[];
}

type CommandClass<Input, Output> = new (
  input: Input,
) => {
  readonly input: Input;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's middleware types do not matter here
  resolveMiddleware(...rest: any[]): (request: never) => Promise<{ output: Output }>;
};

/**
 * The operation table of a service, typed by the AWS SDK: `Operations<typeof Sdk>` with
 * `import type * as Sdk from "@aws-sdk/client-sts"` has a typed, optional row for each of the client's commands.
 */
export type Operations<Sdk> = {
  [Key in keyof Sdk as OperationName<Key, Sdk[Key]>]?: Sdk[Key] extends CommandClass<infer Input, infer Output>
    ? Operation<Input, Omit<Output, "$metadata">>
    : never;
};

// biome-ignore lint/suspicious/noExplicitAny: any command class will do
type AnyCommandClass = CommandClass<any, any>;

type OperationName<Key, Value> = Value extends AnyCommandClass
  ? Key extends `${infer Name}Command`
    ? Name
    : never
  : never;

/** Why a call is refused. `message` is AWS's sentence. */
export interface Denial {
  message: string;
}

/** Decides by the caller's policies; asked before every operation. Implemented by services/iam. */
export interface Authorizer {
  authorize(context: CallContext, permissions: readonly Permission[]): Denial | undefined;
}

/** Implemented by services/sts. */
export interface CredentialSource {
  findCredential(accessKeyId: string): Credential | undefined;
}
