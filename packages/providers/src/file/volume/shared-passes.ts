import type { FileSystem } from "../file-system.ts";
import { openPass, type VolumePass } from "./volume-pass.ts";

/** A pass that the reads of one moment share: a thousand keys of a volume cost one check before and one after. */
export interface SharedPass {
  readonly pass: VolumePass;
  /** Whether the pass is intact once this read is done. */
  intact(): Promise<boolean>;
}

/** The passes that are open now. */
export interface Passes {
  /** Joins the pass that another read has opened in this microtask, or opens one; `undefined` while there is no whole volume. */
  join(directory: string, path: string): SharedPass | undefined;
}

/** Makes the passes of one provider. */
export function createPasses(fileSystem: FileSystem): Passes {
  /** directory -> the pass that still accepts readers */
  const open = new Map<string, VolumePass>();
  /** pass -> its check after the reads of this moment */
  const checks = new Map<VolumePass, Promise<boolean>>();
  const check = (pass: VolumePass): Promise<boolean> => {
    let verdict = checks.get(pass);
    if (verdict === undefined) {
      verdict = Promise.resolve().then(() => {
        checks.delete(pass);
        return pass.isIntact();
      });
      checks.set(pass, verdict);
    }
    return verdict;
  };
  return {
    join(directory, path) {
      let pass = open.get(directory);
      if (pass === undefined) {
        pass = openPass(fileSystem, directory, path);
        if (pass === undefined) return undefined;
        open.set(directory, pass);
        queueMicrotask(() => open.delete(directory));
      }
      const joined = pass;
      return { pass: joined, intact: () => check(joined) };
    },
  };
}
