import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Declarations, OpenSecrets } from "@tacit/core";
import { Decrypter } from "age-encryption";
import type { FileFields } from "../encrypted/encrypted-files.ts";

/** Reads all of these files once, and answers the fields of each. */
export type FilesReader = (names: readonly string[]) => Promise<readonly FileFields[]>;

/** What an application does by itself: the library of age's author, one file after the other. */
export function libraryReader(folder: string, identity: string): FilesReader {
  return async (names) => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const fields: FileFields[] = [];
    for (const name of names) {
      const text = await decrypter.decrypt(readFileSync(join(folder, `${name}.json.age`)), "text");
      fields.push(JSON.parse(text) as FileFields);
    }
    return fields;
  };
}

/** A process of the real sops for each file. @throws where there is none on this machine */
export function sopsProgramReader(folder: string, keyFile: string): FilesReader {
  const program = sopsProgram();
  return async (names) =>
    names.map((name) => {
      const env = { ...process.env, SOPS_AGE_KEY_FILE: keyFile };
      const { status, stdout } = spawnSync(program, ["decrypt", join(folder, `${name}.json`)], { env });
      if (status !== 0) throw new Error("sops refused a file");
      return JSON.parse(stdout.toString()) as FileFields;
    });
}

/** Opens a client over files; not yet loaded. The caller closes it. */
export async function openFilesClient(
  use: "age" | "sops",
  root: string,
  keyFile: string,
  names: readonly string[],
): Promise<OpenSecrets<Declarations>> {
  const { createSecrets, declareSecrets, object } = await import("@tacit/core");
  const { adapters } = await import("@tacit/providers");
  const as = object(["user", "password"]);
  const keys = [{ use: "age", identity: { $file: keyFile } }];
  const declare: Declarations = Object.fromEntries(names.map((name) => [name, { ref: `${name}.json`, as }]));
  return createSecrets({
    adapters,
    config: {
      providers: { files: { use, root, keys } },
      routes: [{ match: "**", to: ["files"] }],
      cache: { maxEntries: 1_000_000 },
    },
    declare: declareSecrets(declare),
    strict: false,
  });
}

/** Puts a file in the place of another one, as an editor or a checkout does. */
export function replaceFile(from: string, to: string): void {
  renameSync(from, to);
}

function sopsProgram(): string {
  const given = process.env.TACIT_E2E_SOPS;
  if (given !== undefined) return given;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tacit-e2e");
  const found = readdirSync(cache).find((name) => /^sops-[0-9a-f]+$/.test(name));
  if (found === undefined) throw new Error("sops is not installed; `pnpm servers` gets it");
  return join(cache, found);
}
