import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { contentOf, type Folder, openFolder, run } from "./folder.ts";
import {
  asFields,
  commentedFiles,
  comparable,
  decrypted,
  encrypt,
  expectSame,
  plainFiles,
  type SopsCall,
} from "./sops-program.ts";
import { tamperings } from "./tamperings.ts";

const hasGit = spawnSync("git", ["--version"], { stdio: "ignore" }).status === 0;

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
  const hasMore = /behind (?:it|a line)$/.test(title) || /mac: ENC\[[^\]]*\]\n +[^\s:]+\n/.test(text);
  return hasMore || stricter.includes(ours.reason);
}

const stricter: readonly string[] = ["duplicate-key", "unsupported-syntax", "syntax", "cleartext"];

/** Hundreds of processes of sops, on two slow cores that have other work. */
const manyProcesses = 240_000;

describe.skipIf(!hasPrograms("sops", "age-keygen"))("files of the real sops", () => {
  test.each(Object.keys(plainFiles))("%s is read as sops itself decrypts it", async (name) => {
    await using folder = openFolder();
    const { key, call } = await prepare(folder);
    await encrypt(folder, name, call);
    await expectSame(await folder.open("sops", { keys: [key] }), folder, name, call);
  });

  /** Reads changed files with sops and with a provider, and expects one verdict of both. */
  async function expectSameVerdicts(folder: Folder, name: string, call: SopsCall, key: object): Promise<void> {
    const original = folder.read(name).toString();
    const provider = await folder.open("sops", { keys: [key] });
    let refusals = 0;
    const differences: unknown[] = [];
    for (const { title, text } of tamperings(original)) {
      folder.write(name, text);
      const theirs = await decrypted(folder, name, call);
      const ours = await comparable(provider, name);
      if (theirs === undefined) refusals += 1;
      const isSame =
        theirs === undefined
          ? isRefusal(ours)
          : isStricter(ours, title, text) || isDeepStrictEqual(ours, asFields(theirs));
      if (!isSame) differences.push({ title, text, ours, theirs });
    }
    expect(differences).toEqual([]);
    expect(refusals).toBeGreaterThan(10);
    folder.write(name, original);
    await expectSame(provider, folder, name, call);
  }

  test.each(Object.keys(plainFiles))(
    "%s, changed in many ways, is refused wherever sops refuses it",
    { timeout: manyProcesses },
    async (name) => {
      await using folder = openFolder();
      const { key, call } = await prepare(folder);
      await encrypt(folder, name, call);
      await expectSameVerdicts(folder, name, call, key);
    },
  );

  test.each(
    ["yaml", "env", "ini", "json"].flatMap((format) =>
      ["encrypted", "unencrypted"].map((kind) => [format, kind] as const),
    ),
  )(
    "so is %s where comments say what is %s, under a MAC over that alone",
    { timeout: manyProcesses },
    async (format, kind) => {
      await using folder = openFolder();
      const { key, call } = await prepare(folder);
      const rule = { age: call.words[1], [`${kind}_comment_regex`]: "secret", mac_only_encrypted: true };
      const config = folder.keep("rules.yaml", JSON.stringify({ creation_rules: [rule] }));
      const name = `commented.${format}`;
      await encrypt(folder, name, { words: [], env: { ...call.env, SOPS_CONFIG: config } }, commentedFiles[name]);
      await expectSameVerdicts(folder, name, call, key);
    },
  );

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

  test("a recipient that updatekeys adds reads the same, and for the first one nothing has changed", async () => {
    await using folder = openFolder();
    await using other = openFolder();
    const [one, two] = [await prepare(folder), await prepare(other)];
    await encrypt(folder, "all.json", one.call);
    const provider = await folder.open("sops", { keys: [one.key] });
    const signal = new AbortController().signal;
    const first = await provider.get({ path: "all", version: "current" }, { signal });
    const recipients = [one, two].map(({ call }) => call.words[1]).join(",");
    const config = folder.keep("rules.yaml", JSON.stringify({ creation_rules: [{ age: recipients }] }));
    const added = await folder.open("sops", { keys: [two.key] });
    expect(await contentOf(added, "all")).toEqual({ code: "INVALID_VALUE", reason: "no-key" });
    const env = { ...one.call.env, SOPS_CONFIG: config };
    const { status, errors } = await run(programPath("sops"), ["updatekeys", "-y", join(folder.root, "all.json")], {
      env,
    });
    expect(status, errors).toBe(0);
    const ifVersion = first.status === "ok" ? first.version : "";
    expect((await provider.get({ path: "all", version: "current", ifVersion }, { signal })).status).toBe(
      "not-modified",
    );
    await expectSame(added, folder, "all.json", two.call);
  });

  test.skipIf(!hasGit)("what git checks out is read, after a hint", async () => {
    await using folder = openFolder();
    const { key, call } = await prepare(folder);
    const git = async (...words: readonly string[]): Promise<void> => {
      const who = ["-c", "user.name=app", "-c", "user.email=app@example.org"];
      const { status, errors } = await run("git", ["-C", folder.root, ...who, ...words]);
      expect(status, errors).toBe(0);
    };
    await git("init", "-q", "-b", "main");
    await encrypt(folder, "all.env", call, "VERSION=one\n");
    await git("add", ".");
    await git("commit", "-q", "-m", "one");
    await git("checkout", "-q", "-b", "next");
    await encrypt(folder, "all.env", call, "VERSION=two\n");
    await git("commit", "-q", "-a", "-m", "two");
    await git("checkout", "-q", "main");
    const provider = await folder.open("sops", { keys: [key] });
    expect(await contentOf(provider, "all")).toEqual({ VERSION: "one" });
    let hints = 0;
    const { signal } = new AbortController();
    await using _subscription = await provider.subscribe?.(["all"], () => void hints++, { signal });
    await git("checkout", "-q", "next");
    await expect.poll(() => hints, { timeout: 5000 }).toBeGreaterThan(0);
    await expect.poll(() => contentOf(provider, "all"), { timeout: 5000 }).toEqual({ VERSION: "two" });
  });
});
