import { parseImageReference } from "../../oci/image-reference.ts";

export function isImageReference(text: string): boolean {
  try {
    parseImageReference(text);
    return true;
  } catch {
    return false;
  }
}
