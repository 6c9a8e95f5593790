import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/** Keeps secret values out of the state directory in clear: AES-256-GCM under a key file of mode 0600. */
export interface SecretBox {
  seal(plain: string): string;
  open(sealed: string): string;
}

/** Reads the key file, or makes it. Its directory must exist. */
export function openSecretBox(keyFile: string): SecretBox {
  return secretBoxOf(readOrMakeKey(keyFile));
}

export function secretBoxOf(key: Buffer): SecretBox {
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}

function readOrMakeKey(file: string): Buffer {
  try {
    // wx: of two processes that start at once, one makes the key and the other reads it.
    const key = randomBytes(32);
    writeFileSync(file, key, { flag: "wx", mode: 0o600 });
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return readFileSync(file);
  }
}
