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

/** The capabilities of all providers of encrypted files. */
export const encryptedFilesSupports: Supports = {
  payload: "both",
  versions: false,
  subscribe: "local",
  conditional: true,
  defaultPollMs: 10_000,
};

/** A format of encrypted files. */
export interface EncryptedFormat {
  /** The kind of payload, if it is the same for all files. Default: `both`. */
  readonly payload?: Supports["payload"] | undefined;
  /** The extensions that a name may omit, in the order of the search: `.yaml`, `.json`. */
  readonly extensions: readonly string[];
  /**
   * Decrypts a whole file. Called again only if its bytes have changed.
   * @throws {SecretError} INVALID_VALUE with a message that continues a sentence about the file: "was changed"; errors of key services
   */
  decrypt(bytes: Uint8Array, path: string, context: CallContext): Promise<SecretPayload>;
  diagnose?(context: CallContext): Promise<readonly Finding[]>;
  close?(): Promise<void>;
}

/** Creates the provider of the encrypted files below a root. Reads nothing before the first call. */
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
      /** candidate -> the paths that may refer to it */
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

/** Adds the file to an error and limits it to this path. Errors of parsers already contain the file. */
function ofFile(path: string, error: unknown): unknown {
  if (!isSecretError(error) || error.message.startsWith(`"${path}"`)) return error;
  const { code, message, reason, retryable, retryAfterMs, tip } = error;
  const text = code === "INVALID_VALUE" ? `"${path}" ${message}` : `"${path}" cannot be decrypted: ${message}`;
  return new SecretError(code, text, { reason, retryable, retryAfterMs, tip, scope: "path", cause: error.cause });
}
