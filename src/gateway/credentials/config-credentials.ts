import type { Credentials } from "../identity.ts";
import type { CredentialSource } from "./credential-source.ts";

/** Credentials that stand in the gateway's own configuration. */
export function configCredentials(accounts: readonly Credentials[]): CredentialSource {
  return { description: "the configuration", read: async () => accounts.map((account) => ({ ...account })) };
}
