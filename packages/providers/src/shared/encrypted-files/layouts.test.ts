import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testFiles, testIdentity } from "../../../test/age/vectors.ts";
import { type EncryptedFixture, encryptedFixture } from "../../../test/encrypted-fixture.ts";
import { read, textOf } from "../../../test/file/file-fixture.ts";
import { age } from "../../age/index.ts";

/** Creates the layout of the kubelet: a directory named by time, a link `..data` to it, and a link to each key. */
function publish(root: string, volume: string): void {
  const directory = join(root, volume);
  const tree = "..2026_01_02_03_04_05.6";
  fs.mkdirSync(join(directory, tree), { recursive: true });
  fs.writeFileSync(join(directory, tree, "token.age"), testFiles.x25519);
  fs.symlinkSync(tree, join(directory, "..data"));
  fs.symlinkSync("..data/token.age", join(directory, "token.age"));
}

const open = (fixture: EncryptedFixture) =>
  fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });

describe("an encrypted file is read in the same layouts as a plain one", () => {
  test.each<[string, string, (root: string) => void]>([
    ["in a volume", "tls/token", (root) => publish(root, "tls")],
    [
      "in a volume that is mounted inside of another",
      "app/tls/token",
      (root) => {
        publish(root, "app");
        publish(root, "app/tls");
      },
    ],
    [
      "in a copy of a volume whose links were resolved",
      "copy/token",
      (root) => {
        publish(root, "tls");
        execFileSync("cp", ["-rL", join(root, "tls"), join(root, "copy")]);
      },
    ],
    [
      "below a link to a generation",
      "current/token",
      (root) => {
        fs.mkdirSync(join(root, "g1"));
        fs.writeFileSync(join(root, "g1/token.age"), testFiles.x25519);
        fs.symlinkSync("g1", join(root, "current"));
      },
    ],
  ])("%s", async (_where, path, prepare) => {
    await using fixture = encryptedFixture();
    prepare(fixture.root);
    expect(await textOf(read(await open(fixture), path))).toBe("s3cret-fixture\n");
  });

  test("but not through a link that leaves the root", async () => {
    await using fixture = encryptedFixture();
    fs.writeFileSync(join(fixture.root, "../outside.age"), testFiles.x25519);
    fs.symlinkSync("../outside.age", join(fixture.root, "token.age"));
    const failure = { code: "INVALID_VALUE", reason: "outside-root" };
    await expect(read(await open(fixture), "token")).rejects.toMatchObject(failure);
  });

  test("and a volume with an incomplete update fails only its own path", async () => {
    await using fixture = encryptedFixture();
    publish(fixture.root, "tls");
    fs.writeFileSync(join(fixture.root, "other.age"), testFiles.x25519);
    fs.unlinkSync(join(fixture.root, "tls/..data"));
    const provider = await open(fixture);
    await expect(read(provider, "tls/token")).rejects.toMatchObject({ reason: "volume-incomplete", scope: "path" });
    expect(await textOf(read(provider, "other"))).toBe("s3cret-fixture\n");
  });
});
