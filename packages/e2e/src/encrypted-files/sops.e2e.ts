import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { contentOf, type Folder, openFolder, run } from "./folder.ts";
import { asFields, comparable, decrypted, encrypt, expectSame, plainFiles, type SopsCall } from "./sops-program.ts";
import { tamperings } from "./tamperings.ts";

/** Makes an age identity for a folder. */
async function prepare(folder: Folder): Promise<{ readonly key: object; readonly call: SopsCall }> {
  const keyFile = join(folder.home, "age.key");
  await run(programPath("age-keygen"), ["-o", keyFile]);
  const recipient = (await run(programPath("age-keygen"), ["-y", keyFile])).output.toString().trim();
  return {
    key: { use: "age", identity: { $file: keyFile } },
    call: { words: ["--age", recipient], env: { SOPS_AGE_KEY_FILE: keyFile } },
  };
}

function isRefusal(ours: unknown): ours is { readonly code: string; readonly reason: string } {
  return typeof ours === "object" && ours !== null && "code" in ours && "reason" in ours;
}

/** Whether this library refuses what sops reads for a reason that docs/providers/sops.md tells. */
function isStricter(ours: unknown, title: string, text: string): boolean {
  if (!isRefusal(ours) || ours.code !== "INVALID_VALUE") return false;
  // In YAML a line that goes on stands behind the MAC, too.
  const hasMore = title.endsWith("has something behind it") || /mac: ENC\[[^\]]*\]\n +[^\s:]+\n/.test(text);
  return hasMore || stricter.includes(ours.reason);
}

const stricter: readonly string[] = ["duplicate-key", "unsupported-syntax", "syntax", "cleartext"];

describe.skipIf(!hasPrograms("sops", "age-keygen"))("files of the real sops", () => {
  test.each(Object.keys(plainFiles))("%s is read as sops itself decrypts it", async (name) => {
    await using folder = openFolder();
    const { key, call } = await prepare(folder);
    await encrypt(folder, name, call);
    await expectSame(await folder.open("sops", { keys: [key] }), folder, name, call);
  });

  test.each(Object.keys(plainFiles))("%s, changed in many ways, is refused wherever sops refuses it", async (name) => {
    await using folder = openFolder();
    const { key, call } = await prepare(folder);
    await encrypt(folder, name, call);
    const original = folder.read(name).toString();
    const provider = await folder.open("sops", { keys: [key] });
    let refusals = 0;
    const differences: unknown[] = [];
    for (const { title, text } of tamperings(original)) {
      folder.write(name, text);
      const theirs = await decrypted(folder, name, call);
      const ours = await comparable(provider, name);
      const isRefused = isRefusal(ours);
      if (theirs === undefined) refusals += 1;
      if (
        theirs === undefined ? !isRefused : !isStricter(ours, title, text) && !isDeepStrictEqual(ours, asFields(theirs))
      )
        differences.push({ title, text, ours, theirs });
    }
    expect(differences).toEqual([]);
    expect(refusals).toBeGreaterThan(10);
    folder.write(name, original);
    await expectSame(provider, folder, name, call);
  });

  test("a rotated data key is no change, and an edited value is read", async () => {
    await using folder = openFolder();
    const { key, call } = await prepare(folder);
    await encrypt(folder, "all.json", call);
    const provider = await folder.open("sops", { keys: [key] });
    const signal = new AbortController().signal;
    const first = await provider.get({ path: "all", version: "current" }, { signal });
    const file = join(folder.root, "all.json");
    const env = call.env ?? {};
    expect((await run(programPath("sops"), ["rotate", "-i", file], { env })).status).toBe(0);
    const ifVersion = first.status === "ok" ? first.version : "";
    expect((await provider.get({ path: "all", version: "current", ifVersion }, { signal })).status).toBe(
      "not-modified",
    );
    expect((await run(programPath("sops"), ["set", file, '["new"]', '"value"'], { env })).status).toBe(0);
    expect(await contentOf(provider, "all")).toMatchObject({ new: "value" });
  });
});
