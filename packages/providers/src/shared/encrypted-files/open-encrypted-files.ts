import {
  type CallContext,
  type Finding,
  isSecretError,
  type Provider,
  type ProviderHost,
  SecretError,
  type SecretPayload,
  type Supports,
} from "@tacit/core/provider";
import { assertCurrent, guarded, notFound } from "../answer.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { openFiles } from "../files/open-files.ts";
import type { MountOptions } from "../files/options.ts";
import { candidatesOf } from "./candidates.ts";

/** The capabilities of every provider of encrypted files. */
export const encryptedFilesSupports: Supports = {
  payload: "both",
  versions: false,
  subscribe: "local",
  conditional: true,
  defaultPollMs: 10_000,
};

/** A format of encrypted files. */
export interface EncryptedFormat {
  /** The kind of payload, where all files have the same. */
  readonly payload?: Supports["payload"] | undefined;
  /** What a name may leave out, in the order in which files are looked for: `.yaml`, `.json`. */
  readonly extensions: readonly string[];
  /**
   * Decrypts one file whole. Not called again for bytes that have not changed.
   * @throws {SecretError} whose message is the end of a sentence that begins with the file
   */
  decrypt(bytes: Uint8Array, path: string, context: CallContext): Promise<SecretPayload>;
  diagnose?(context: CallContext): Promise<readonly Finding[]>;
  close?(): Promise<void>;
}

/** Opens a provider of the encrypted files below a root; nothing is read before the first call. */
export function openEncryptedFiles(
  options: MountOptions,
  format: EncryptedFormat,
  host: ProviderHost,
  fileSystem: FileSystem = nodeFileSystem,
): Provider {
  const decode = (bytes: Uint8Array, path: string, context: CallContext): Promise<SecretPayload> =>
    format.decrypt(bytes, path, context).catch((error: unknown) => {
      context.signal.throwIfAborted();
      throw ofFile(path, error);
    });
  const files = openFiles(options.root, { ...options, filesOnly: true, decode }, host, fileSystem);
  const provider: Provider = {
    supports: { ...encryptedFilesSupports, payload: format.payload ?? "both" },
    async get(request, context) {
      assertCurrent(request, "files have only the current version");
      for (const path of candidatesOf(request.path, format.extensions)) {
        const result = await files.get({ ...request, path }, context);
        if (result.status !== "not-found") return result;
      }
      return notFound;
    },
    place: (path) => `file ${files.place(candidatesOf(path, format.extensions))}`,
    async subscribe(paths, hint) {
      /** candidate -> the paths that may mean it */
      const meant = new Map<string, string[]>();
      for (const path of paths)
        for (const candidate of candidatesOf(path, format.extensions))
          meant.set(candidate, [...(meant.get(candidate) ?? []), path]);
      return files.subscribe([...meant.keys()], (candidate) => {
        for (const path of meant.get(candidate ?? "") ?? [undefined]) hint(path);
      });
    },
    async check() {
      files.check();
    },
    diagnose: async (context) => [...files.diagnose(), ...((await format.diagnose?.(context)) ?? [])],
    async close() {
      files.close();
      await format.close?.();
    },
  };
  return guarded(provider, host);
}

/** Parsers name the file themselves. The root is read: whatever fails from here on concerns the file. */
function ofFile(path: string, error: unknown): unknown {
  if (!isSecretError(error) || error.message.startsWith(`"${path}"`)) return error;
  const { code, message, reason, retryable, retryAfterMs, tip } = error;
  const told = code === "INVALID_VALUE" ? `"${path}" ${message}` : `"${path}" cannot be decrypted: ${message}`;
  return new SecretError(code, told, { reason, retryable, retryAfterMs, tip, scope: "path", cause: error.cause });
}
