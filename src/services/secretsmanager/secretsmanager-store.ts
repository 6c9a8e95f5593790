import { AwsError } from "../../aws-api/aws-error.ts";
import type { Store } from "../../store/store.ts";
import type { SecretRecord } from "./secret.ts";

/** Secrets by name; an ID may be a name, an ARN, or an ARN without its six last characters. */
export interface SecretStore {
  find(id: string | undefined): SecretRecord | undefined;
  /** Throws ResourceNotFoundException. */
  get(id: string | undefined): SecretRecord;
  /** Throws InvalidRequestException as well, for a secret that is scheduled for deletion. */
  getUsable(id: string | undefined): SecretRecord;
  list(): SecretRecord[];
  put(secret: SecretRecord): void;
  remove(secret: SecretRecord): void;
}

export function openSecretStore(store: Store): SecretStore {
  const records = store.collection<SecretRecord>("secretsmanager.secret");
  const find = (id = "") => {
    if (!id.startsWith("arn:")) return records.get(id);
    return records.list().find(({ arn }) => arn === id || arn.replace(/-[^-]{6}$/, "") === id);
  };
  const get = (id: string | undefined) => {
    const secret = find(id);
    if (secret === undefined) {
      throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }
    return secret;
  };
  return {
    find,
    get,
    getUsable(id) {
      const secret = get(id);
      if (secret.deletion === undefined) return secret;
      const message = "You can't perform this operation on the secret because it was marked for deletion.";
      throw new AwsError("InvalidRequestException", message);
    },
    list: () => records.list(),
    put: (secret) => records.put(secret.name, secret),
    remove: ({ name }) => void records.delete(name),
  };
}
