import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { contentOf, openFolder, run } from "./folder.ts";

const hasSsh = spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;

describe.skipIf(!hasPrograms("age", "age-keygen"))("files of the real age", () => {
  test.each([
    ["x25519", ["-o"]],
    ["post-quantum", ["-pq", "-o"]],
  ])("for %s, armored and binary, of no byte, one chunk and more", async (_title, words) => {
    await using folder = openFolder();
    const key = join(folder.home, "key");
    await run(programPath("age-keygen"), [...words, key]);
    const recipients = folder.keep("recipients", (await run(programPath("age-keygen"), ["-y", key])).output);
    const provider = await folder.open("age", { keys: [{ use: "age", identity: { $file: key } }] });
    for (const length of [0, 1, 65_536, 200_000]) {
      const input = Buffer.alloc(length, "s3cret-fixture");
      for (const armor of [[], ["-a"]]) {
        folder.write("token.age", (await run(programPath("age"), [...armor, "-R", recipients], { input })).output);
        expect(await contentOf(provider, "token")).toBe(input.toString("base64"));
      }
    }
    folder.write("token.age", folder.read("token.age").subarray(0, -30));
    expect(await contentOf(provider, "token")).toMatchObject({ code: "INVALID_VALUE" });
  });

  test.skipIf(!hasSsh).each([
    ["ed25519", []],
    ["rsa", ["-b", "3072"]],
  ])("for an SSH key of %s", async (type, words) => {
    await using folder = openFolder();
    const key = join(folder.home, "ssh");
    await run("ssh-keygen", ["-q", "-t", type, ...words, "-N", "", "-f", key]);
    folder.write(
      "token.age",
      (await run(programPath("age"), ["-R", `${key}.pub`], { input: "s3cret-fixture" })).output,
    );
    const provider = await folder.open("age", { keys: [{ use: "age", identity: { $file: key } }] });
    expect(Buffer.from(String(await contentOf(provider, "token")), "base64").toString()).toBe("s3cret-fixture");
  });
});
