import type { IncomingMessage } from "node:http";

/** What a request does to a repository; an access decides by it. */
export type RegistryAction =
  | "pullManifest"
  | "pushManifest"
  | "deleteManifest"
  | "pullBlob"
  | "blobExists"
  | "deleteBlob"
  | "startUpload"
  | "uploadChunk"
  | "finishUpload"
  | "listTags"
  | "listReferrers";

/** Who may do what in a registry. `Session` is what a login stands for. */
export interface RegistryAccess<Session> {
  /** Undefined where the request brings no valid login: the answer is 401 with the challenge. May throw RegistryError. */
  authenticate(request: IncomingMessage): Session | undefined;
  /** Value of `WWW-Authenticate`. */
  challenge(request: IncomingMessage): string;
  /** Throws RegistryError DENIED to refuse. */
  authorize(session: Session, action: RegistryAction, repository: string): void;
}
