import { resolve } from "node:path";
import type { Finding } from "@tacit/core/provider";
import type { FileSystem } from "../shared/files/file-system.ts";
import { isInside } from "../shared/files/location.ts";
import type { Files } from "../shared/files/open-files.ts";
import { probe } from "../shared/files/probe.ts";
import { unusedAccountToken } from "../shared/findings.ts";

/** Returns the findings on the layout below the root, and on a service account token that this provider does not read. */
export function diagnose(files: Files, root: string, fileSystem: FileSystem): readonly Finding[] {
  const isMounted = (file: string): boolean => probe(fileSystem, file) !== "missing";
  return [...files.diagnose(), ...(mayHoldAccount(resolve(root)) ? [] : unusedAccountToken(isMounted))];
}

/** Kubernetes mounts the files of a service account below, and /var/run is a link to /run on most systems. */
function mayHoldAccount(root: string): boolean {
  return isInside("/var/run/secrets", root) || isInside("/run/secrets", root);
}
