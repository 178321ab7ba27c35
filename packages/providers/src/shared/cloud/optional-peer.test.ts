import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openLoginFixture } from "../../../test/vault/login-fixture.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-peer-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  vi.resetModules();
});

describe("a login whose package is not installed", () => {
  test.each([
    ["@aws-sdk/credential-providers", { method: "aws-iam" }],
    ["google-auth-library", { method: "gcp", type: "iam", role: "app", serviceAccount: "a@b.example" }],
    ["@azure/identity", { method: "azure", role: "app", identity: "workload" }],
  ])("is INVALID_CONFIG with the command that installs %s", async (name, options) => {
    const user = { type: "authorized_user", client_id: "c", client_secret: "s3cret-fixture", refresh_token: "r" };
    writeFileSync(join(directory, "adc.json"), JSON.stringify(user));
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: join(directory, "adc.json") };
    vi.doMock(name, () => {
      throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    });
    try {
      await using fixture = await openLoginFixture();
      await expect(fixture.run(fixture.create(options, environment))).rejects.toMatchObject({
        code: "INVALID_CONFIG",
        reason: "sdk-missing",
        tip: expect.stringMatching(`npm install ${name}@\\d+$`),
      });
      expect(fixture.vault.requests).toEqual([]);
    } finally {
      vi.doUnmock(name);
    }
  });
});
