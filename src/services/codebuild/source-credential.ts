/** A login to a provider of sources as it is stored; the token is sealed. */
export interface SourceCredentialRecord {
  arn: string;
  serverType: string;
  authType: string;
  username?: string;
  /** Where the token is, for CODECONNECTIONS and SECRETS_MANAGER: those tokens are ARNs. */
  resource?: string;
  token: string;
}
