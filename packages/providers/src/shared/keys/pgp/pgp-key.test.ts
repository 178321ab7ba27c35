import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
import { manualClock } from "@tacit/core/testing";
import { describe, expect, test } from "vitest";
import { forever } from "../../../../test/file/file-fixture.ts";
import { testFile } from "../../../../test/test-file.ts";
import { createPgpKey } from "./pgp-key.ts";

const message = (name: string): string => {
  const [, encoded = ""] = /# kubesec:pgp:\w+:(.*)/.exec(testFile("kubesec", name).toString()) ?? [];
  return Buffer.from(encoded, "base64").toString();
};
const program = "/usr/bin/gpg";

describe("a hostile message for the key of this process", () => {
  const armored = testFile("kubesec", "open.asc").toString();
  const key = createPgpKey(
    { use: "pgp", key: { $env: "KEY" } },
    conformanceHost({ credential: async () => Buffer.from(armored) }),
  );

  test("that unfolds into far more than a key is refused before it has", async () => {
    const openpgp = await import("openpgp");
    const [own] = await openpgp.readPrivateKeys({ armoredKeys: armored });
    const wrapped = await openpgp.encrypt({
      message: await openpgp.createMessage({ binary: new Uint8Array(5_000_000) }),
      encryptionKeys: own?.toPublic() as never,
      config: { preferredCompressionAlgorithm: openpgp.enums.compression.zlib },
    });
    expect(String(wrapped).length).toBeLessThan(20_000);
    await expect(key.unwrap({ use: "pgp", message: String(wrapped) }, forever)).rejects.toMatchObject({
      code: "INVALID_VALUE",
      reason: "tampered",
    });
  });

  test("that names very many recipients is refused before any is tried", async () => {
    const openpgp = await import("openpgp");
    const [own] = await openpgp.readPrivateKeys({ armoredKeys: armored });
    const wrapped = await openpgp.encrypt({
      message: await openpgp.createMessage({ binary: new Uint8Array(32) }),
      encryptionKeys: Array.from({ length: 101 }, () => own?.toPublic()) as never,
    });
    await expect(key.unwrap({ use: "pgp", message: String(wrapped) }, forever)).rejects.toMatchObject({
      code: "INVALID_VALUE",
      reason: "too-large",
    });
  });
});

describe.skipIf(!existsSync(program))("the gpg program, named by the document", () => {
  test("opens what it has a key for, asks for signatures, and tells what it has no key for", async () => {
    // The path of an agent's socket is short.
    const home = mkdtempSync(join(tmpdir(), "gpg-"));
    try {
      const keys = testFile("kubesec", "open.asc");
      spawnSync(program, ["--homedir", home, "--batch", "--import"], {
        input: keys,
        stdio: ["pipe", "ignore", "ignore"],
      });
      const gpg = createPgpKey({ use: "pgp", gpg: program, home }, conformanceHost());
      const openpgp = createPgpKey(
        { use: "pgp", key: { $env: "KEY" } },
        conformanceHost({ credential: async () => keys }),
      );
      for (const [name, signed] of [
        ["v4.yaml", true],
        ["unsigned.yaml", false],
      ] as const) {
        const wrapped = { use: "pgp", message: message(name), signed } as const;
        const opened = await gpg.unwrap(wrapped, forever);
        expect(opened?.length).toBe(32);
        expect(await openpgp.unwrap(wrapped, forever)).toEqual(opened);
      }
      const unsigned = { use: "pgp", message: message("unsigned.yaml"), signed: true } as const;
      await expect(gpg.unwrap(unsigned, forever)).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "tampered" });
      const foreign =
        testFile("sops", "pgp-locked.yaml")
          .toString()
          .match(/-----BEGIN PGP[\s\S]*END PGP MESSAGE-----/)?.[0] ?? "";
      const theirs = { use: "pgp", message: foreign.replace(/^ +/gm, "") } as const;
      expect(await gpg.unwrap(theirs, forever)).toBeUndefined();
      expect(await openpgp.unwrap(theirs, forever)).toBeUndefined();
    } finally {
      spawnSync("gpgconf", ["--homedir", home, "--kill", "all"], { stdio: "ignore" });
      rmSync(home, { recursive: true, force: true });
    }
  }, 30_000);

  test("a program that is not there is INVALID_CONFIG, and an abort ends the wait", async () => {
    const missing = createPgpKey({ use: "pgp", gpg: "/nowhere/gpg" }, conformanceHost());
    await expect(missing.unwrap({ use: "pgp", message: "" }, forever)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      reason: "gpg",
    });
    const slow = createPgpKey({ use: "pgp", gpg: "/usr/bin/yes" }, conformanceHost());
    await expect(slow.unwrap({ use: "pgp", message: "" }, { signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
  });

  test("a program that hangs is killed after a minute", async () => {
    const home = mkdtempSync(join(tmpdir(), "gpg-"));
    try {
      const slow = join(home, "gpg");
      writeFileSync(slow, "#!/bin/sh\nsleep 1000 & wait\n", { mode: 0o755 });
      const clock = manualClock();
      const key = createPgpKey({ use: "pgp", gpg: slow }, conformanceHost({ clock }));
      const unwrapping = key.unwrap({ use: "pgp", message: "" }, forever).catch((error: unknown) => error);
      while (clock.armed === 0) await clock.flush();
      await clock.advance(60_000);
      expect(await unwrapping).toMatchObject({
        code: "UNAVAILABLE",
        reason: "timeout",
        message: `the gpg program "${slow}" did not end within 60 s and was killed`,
      });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
