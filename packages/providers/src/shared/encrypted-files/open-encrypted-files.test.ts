import { renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SecretPayload } from "@tacit/core/provider";
import { expect, test } from "vitest";
import { encryptedFixture } from "../../../test/encrypted-fixture.ts";
import { forever } from "../../../test/file/file-fixture.ts";
import { openEncryptedFiles } from "./open-encrypted-files.ts";

test("of 1,000 files, only the one that was replaced is decrypted again", async () => {
  await using fixture = encryptedFixture();
  const decrypted: string[] = [];
  const format = {
    extensions: [".enc"],
    async decrypt(bytes: Uint8Array, path: string): Promise<SecretPayload> {
      decrypted.push(path);
      return { kind: "value", bytes };
    },
  };
  const options = {
    root: fixture.root,
    watch: "auto",
    settleMs: 20,
    maxBytes: 1024,
    followExternalLinks: false,
  } as const;
  const provider = openEncryptedFiles(options, format, fixture.host);
  const names = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
  const longAgo = new Date(Date.now() - 60_000);
  for (const name of names) {
    fixture.write(`${name}.enc`, name);
    utimesSync(join(fixture.root, `${name}.enc`), longAgo, longAgo);
  }
  const read = (path: string, ifVersion?: string) => provider.get({ path, version: "current", ifVersion }, forever);
  const first = await Promise.all(names.map((name) => read(name)));
  expect(decrypted.toSorted()).toEqual(names.map((name) => `${name}.enc`).toSorted());

  let hint: (path: string | undefined) => void = () => undefined;
  const hinted = new Promise<string | undefined>((resolve) => {
    hint = resolve;
  });
  const subscription = await provider.subscribe?.(names, (path) => hint(path), forever);
  writeFileSync(`${fixture.root}-next`, "other");
  renameSync(`${fixture.root}-next`, join(fixture.root, "key-500.enc"));
  expect(await hinted).toBe("key-500");
  const versions = first.map((result) => (result.status === "ok" ? result.version : ""));
  const second = await Promise.all(names.map((name, index) => read(name, versions[index])));
  const changed = names.filter((_, index) => second[index]?.status !== "not-modified");
  expect(changed).toEqual(["key-500"]);
  expect(decrypted.slice(1_000)).toEqual(["key-500.enc"]);
  await subscription?.[Symbol.asyncDispose]();
  await provider.close?.();
});
