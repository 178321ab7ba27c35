import { isSecretError, SecretError } from "@tacit/core/provider";

/** Reasons that concern the mount or the process; all others concern only the path. */
const failuresOfAll: ReadonlySet<string> = new Set(["stale-handle", "timeout", "too-many-open-files"]);

/** errno -> its meaning for a read, the only part of a system error in messages */
const unavailable: Readonly<Record<string, readonly [reason: string, meaning: string]>> = {
  EIO: ["io-error", "the disk reports an I/O error"],
  ESTALE: ["stale-handle", "the handle of the network mount is stale"],
  ELOOP: ["link-loop", "its symbolic links form a loop"],
  EMFILE: ["too-many-open-files", "this process has too many files open"],
  ENFILE: ["too-many-open-files", "this machine has too many files open"],
  ETIMEDOUT: ["timeout", "the mount does not respond"],
  EHOSTDOWN: ["timeout", "the mount does not respond"],
  ENOTCONN: ["stale-handle", "the mount is not connected"],
};

/** Returns the errno of a system error; undefined if it has none. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Returns whether a file, or a directory of its path, does not exist. */
export function isAbsence(error: unknown): boolean {
  const code = errnoOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Returns whether the system or the permission model of the runtime denied access. */
export function isDenial(error: unknown): boolean {
  const code = errnoOf(error);
  return code === "EACCES" || code === "EPERM" || isRuntimeDenial(error);
}

/** Converts the error of a system call; returns a SecretError unchanged. @param tip explains a denial by the system */
export function toFileError(error: unknown, path: string, tip?: string): SecretError {
  if (isSecretError(error)) return error;
  if (isDenial(error))
    return deniedError(path, error, isRuntimeDenial(error) ? runtimeTip('the directory in "root"') : tip);
  const code = errnoOf(error) ?? "unknown";
  if (code === "ENAMETOOLONG")
    return new SecretError("INVALID_NAME", `"${path}" is too long for a file name`, { reason: "path" });
  if (code === "ENXIO") return notAFileError(path);
  const [reason, meaning] = unavailable[code] ?? ["io-error", `the system answered ${code}`];
  return new SecretError("UNAVAILABLE", `"${path}" cannot be read now: ${meaning}`, {
    reason,
    ...(failuresOfAll.has(reason) ? {} : { scope: "path" as const }),
    cause: error,
    tip: "It is read again; if this persists, check the mount.",
  });
}

/** Returns the error of something that cannot be a value: a FIFO, a device, a socket, or a directory in place of a file. */
export function notAFileError(path: string): SecretError {
  return new SecretError("INVALID_VALUE", `"${path}" is not a regular file`, {
    reason: "not-a-file",
    tip: "Only regular files are read; a FIFO, device or socket never is.",
  });
}

/** Returns the error of a link that leaves the root. */
export function outsideRootError(path: string): SecretError {
  return new SecretError("INVALID_VALUE", `"${path}" leads outside the root`, {
    reason: "outside-root",
    tip: 'Set the root to the directory that contains the target, or set "followExternalLinks" to true.',
  });
}

/** Returns the error of a file above the size limit, or without an end. */
export function tooLargeError(path: string, maxBytes: number): SecretError {
  return new SecretError("INVALID_VALUE", `"${path}" is larger than maxBytes (${maxBytes})`, {
    reason: "too-large",
    tip: 'Check that it is a secret; if so, raise "maxBytes".',
  });
}

/** Returns the error of a plain directory that contains volumes: since they change independently, they are not one secret. */
export function holdsVolumesError(path: string): SecretError {
  return new SecretError("INVALID_VALUE", `"${path}" contains mounted volumes, which do not change together`, {
    reason: "holds-volumes",
    tip: "Read each volume by its own path; a binding with fields combines them.",
  });
}

/** Returns the error of a directory that is too large for one secret. */
export function tooManyFilesError(path: string): SecretError {
  return new SecretError("INVALID_VALUE", `"${path}" contains too many files or directories for one secret`, {
    reason: "too-many-files",
    tip: "Read one of the directories below it, or check the root.",
  });
}

/** Returns the error of a missing root. It is not NOT_FOUND, because an unmounted volume does not mean deleted secrets. */
export function rootNotFoundError(root: string): SecretError {
  return new SecretError("UNAVAILABLE", `the root "${root}" does not exist`, {
    reason: "root-not-found",
    tip: /[~$]/.test(root)
      ? 'Write the option "root" out, or as { "$env": "NAME" }: "~" and variables are not expanded.'
      : 'Check the mount and the option "root"; a relative path is resolved against the working directory.',
  });
}

/** Returns the error of a root that is a file. */
export function rootNotADirectoryError(root: string): SecretError {
  return new SecretError("UNAVAILABLE", `the root "${root}" is not a directory`, {
    reason: "root-not-a-directory",
    tip: 'Set "root" to the directory that contains the file, and read the file by its name.',
  });
}

/** Returns the error of a volume that is still incomplete after a wait. */
export function incompleteError(path: string): SecretError {
  return new SecretError("UNAVAILABLE", `the volume of "${path}" is being rewritten, or its writer stopped half-way`, {
    reason: "volume-incomplete",
    scope: "path",
    tip: "It is read again; if this persists, check the kubelet's events for the pod.",
  });
}

/** Returns the error of a plain file that keeps changing. */
export function unsettledError(path: string): SecretError {
  return new SecretError("UNAVAILABLE", `"${path}" keeps changing`, {
    reason: "unsettled",
    scope: "path",
    tip: "It is read again; write secrets to a temporary file and rename it.",
  });
}

function deniedError(path: string, error: unknown, tip: string | undefined): SecretError {
  return new SecretError("PERMISSION_DENIED", `this process may not read "${path}"`, {
    reason: "file-permission",
    cause: error,
    tip: tip ?? "Give this process's user the right to read the file and to enter its directories.",
  });
}

/** Returns whether the permission model of the runtime denied access: ERR_ACCESS_DENIED of Node; NotCapable of Deno, which has no code. */
export function isRuntimeDenial(error: unknown): boolean {
  return (
    errnoOf(error) === "ERR_ACCESS_DENIED" || (error as { name?: unknown } | null | undefined)?.name === "NotCapable"
  );
}

/** Returns the tip for a denial of the runtime. */
export function runtimeTip(what: string): string {
  return `The runtime denies this, not the system: start Node with --allow-fs-read, or Deno with --allow-read, for ${what}.`;
}
