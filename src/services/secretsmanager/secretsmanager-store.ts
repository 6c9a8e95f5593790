import type { Store } from "../../store/store.ts";
import type { SecretRecord } from "./secret.ts";
import { secretsManagerError } from "./secretsmanager-error.ts";

/** Where secrets are looked for. */
export interface SecretPlace {
  region: string;
  account: string;
}

/** Secrets by region and name; an ID may be a name, an ARN, or an ARN without its six last characters. */
export interface SecretStore {
  find(id: string | undefined, place: SecretPlace): SecretRecord | undefined;
  /** Throws ResourceNotFoundException. */
  get(id: string | undefined, place: SecretPlace): SecretRecord;
  /** Throws InvalidRequestException as well, for a secret that is scheduled for deletion. */
  getUsable(id: string | undefined, place: SecretPlace): SecretRecord;
  list(place: SecretPlace): SecretRecord[];
  put(secret: SecretRecord): void;
  remove(secret: SecretRecord): void;
}

export function openSecretStore(store: Store, now: () => Date): SecretStore {
  const records = store.collection<SecretRecord>("secretsmanager.secret");
  const keyOf = ({ region, name }: { region: string; name: string }) => `${region}/${name}`;
  const isGone = ({ deletion }: SecretRecord) => deletion !== undefined && deletion <= now().getTime();

  /** The time of a secret that was scheduled for deletion may have come. */
  const takeLiving = (secret: SecretRecord | undefined) => {
    if (secret === undefined || !isGone(secret)) return secret;
    records.delete(keyOf(secret));
    return undefined;
  };
  const find: SecretStore["find"] = (id = "", place) => {
    const prefix = `${arnPrefix(place)}`;
    if (!id.startsWith("arn:")) return takeLiving(records.get(keyOf({ ...place, name: id })));
    if (!id.startsWith(prefix)) return undefined;
    const name = id.slice(prefix.length);
    const whole = takeLiving(records.get(keyOf({ ...place, name: name.replace(/-[^-]{6}$/, "") })));
    return whole?.arn === id ? whole : takeLiving(records.get(keyOf({ ...place, name })));
  };
  const get: SecretStore["get"] = (id, place) => {
    const secret = find(id, place);
    if (secret !== undefined) return secret;
    throw secretsManagerError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  };
  return {
    find,
    get,
    getUsable(id, place) {
      const secret = get(id, place);
      if (secret.deletion === undefined) return secret;
      const message = "You can't perform this operation on the secret because it was marked for deletion.";
      throw secretsManagerError("InvalidRequestException", message);
    },
    list: ({ region }) => records.list(`${region}/`).filter((secret) => takeLiving(secret) !== undefined),
    put: (secret) => records.put(keyOf(secret), secret),
    remove: (secret) => void records.delete(keyOf(secret)),
  };
}

export function arnPrefix({ region, account }: SecretPlace): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:`;
}
