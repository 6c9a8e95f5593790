import type { EncodingType } from "@aws-sdk/client-s3";
import { s3Error } from "./s3-errors.ts";

/** At most 1000 whatever is asked for. */
export function readMaxKeys(value: number | undefined): number {
  if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
    throw s3Error("InvalidArgument", { ArgumentName: "maxKeys", ArgumentValue: value });
  }
  return Math.min(value ?? 1000, 1000);
}

/** With `encoding-type=url` any key can stand in the XML. */
export function keyEncoder(encodingType: EncodingType | undefined): (key: string) => string {
  return encodingType === "url" ? (key) => encodeURIComponent(key).replaceAll("%2F", "/") : (key) => key;
}
