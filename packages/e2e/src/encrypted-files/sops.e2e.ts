import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { contentOf, type Folder, openFolder, run } from "./folder.ts";

const plain: Readonly<Record<string, string | Uint8Array>> = {
  "all.yaml":
    'db:\n  user: app\n  port: 5432\n  ratio: 1.5\n  on: true\n  none: null\n  "10": ten\n  "2": two\nhosts: [x, y]\nclear_unencrypted: {a: 0x1F, d: 2001-12-14}\n',
  "all.json": '{"db":{"10":"ten","2":"two","big":9007199254740993,"f":1.50,"e":""},"clear_unencrypted":[1.5,false]}',
  "all.env": "USER=app\nQUOTED='x' \nMULTI=a\\nb\n",
  "all.ini": "[db]\nuser = app\nhash = `a#b`\n",
  "all.bin": randomBytes(2000),
};

/** Makes an identity, and encrypts for it. */
function prepare(folder: Folder): {
  readonly keyFile: string;
  readonly encrypt: (name: string, ...words: string[]) => void;
} {
  const keyFile = join(folder.home, "age.key");
  run(programPath("age-keygen"), ["-o", keyFile]);
  const recipient = run(programPath("age-keygen"), ["-y", keyFile]).output.toString().trim();
  return {
    keyFile,
    encrypt(name, ...words) {
      const file = folder.keep(name, plain[name] ?? "");
      const { status, output } = run(programPath("sops"), ["encrypt", "--age", recipient, ...words, file]);
      expect(status).toBe(0);
      folder.write(name, output);
    },
  };
}

describe.skipIf(!hasPrograms("sops", "age-keygen"))("files of the real sops", () => {
  test.each(Object.keys(plain))("%s is read as sops itself decrypts it", async (name) => {
    await using folder = openFolder();
    const { keyFile, encrypt } = prepare(folder);
    encrypt(name);
    const provider = await folder.open("sops", { keys: [{ use: "age", identity: { $file: keyFile } }] });
    const content = await contentOf(provider, name);
    const env = { SOPS_AGE_KEY_FILE: keyFile };
    const file = join(folder.root, name);
    if (name === "all.bin")
      return expect(content).toBe(run(programPath("sops"), ["decrypt", file], { env }).output.toString("base64"));
    const { output } = run(programPath("sops"), ["decrypt", "--output-type", "json", file], { env });
    // The keys before the first section of INI are fields of their own.
    const { DEFAULT: top = {}, ...sections } = JSON.parse(output.toString().replace(/"big": (\d+)/, '"big": "$1"'));
    const theirs: Record<string, unknown> = { ...(top as object), ...sections };
    for (const [key, value] of Object.entries(theirs)) {
      const ours = (content as Record<string, string>)[key] ?? "";
      if (typeof value === "string") expect(ours).toBe(value);
      else expect(JSON.parse(ours.replace(/"big":(\d+)/, '"big":"$1"'))).toEqual(value);
    }
    expect(Object.keys(content as object)).toEqual(Object.keys(theirs));
  });

  test("what sops refuses after a change is refused, with a reason", async () => {
    await using folder = openFolder();
    const { keyFile, encrypt } = prepare(folder);
    encrypt("all.yaml");
    const original = folder.read("all.yaml").toString();
    const provider = await folder.open("sops", { keys: [{ use: "age", identity: { $file: keyFile } }] });
    const changes: readonly [string, (text: string) => string][] = [
      ["removed", (text) => text.replace(/ +port: .*\n/, "")],
      ["renamed", (text) => text.replace("user:", "name:")],
      ["added", (text) => text.replace(/( +)user:/, "$1more: clear\n$1user:")],
      ["date", (text) => text.replace(/lastmodified: "20\d\d/, 'lastmodified: "2031')],
      ["cleartext", (text) => text.replace("31", "32").replace("0x1F", "0x2F")],
      ["reordered", (text) => text.replace(/( +user: .*\n)( +port: .*\n)/, "$2$1")],
    ];
    for (const [title, change] of changes) {
      const changed = change(original);
      expect(changed, title).not.toBe(original);
      folder.write("all.yaml", changed);
      const { status } = run(programPath("sops"), ["decrypt", join(folder.root, "all.yaml")], {
        env: { SOPS_AGE_KEY_FILE: keyFile },
      });
      expect(status, title).not.toBe(0);
      expect(await contentOf(provider, "all"), title).toMatchObject({ code: "INVALID_VALUE" });
    }
    folder.write("all.yaml", original);
    expect(await contentOf(provider, "all")).toMatchObject({ hosts: '["x","y"]' });
  });

  test("a rotated data key is no change, and an edited value is read", async () => {
    await using folder = openFolder();
    const { keyFile, encrypt } = prepare(folder);
    encrypt("all.json");
    const provider = await folder.open("sops", { keys: [{ use: "age", identity: { $file: keyFile } }] });
    const signal = new AbortController().signal;
    const first = await provider.get({ path: "all", version: "current" }, { signal });
    const file = join(folder.root, "all.json");
    const env = { SOPS_AGE_KEY_FILE: keyFile };
    expect(run(programPath("sops"), ["rotate", "-i", file], { env }).status).toBe(0);
    const ifVersion = first.status === "ok" ? first.version : "";
    expect((await provider.get({ path: "all", version: "current", ifVersion }, { signal })).status).toBe(
      "not-modified",
    );
    expect(run(programPath("sops"), ["set", file, '["new"]', '"value"'], { env }).status).toBe(0);
    expect(await contentOf(provider, "all")).toMatchObject({ new: "value" });
  });
});
