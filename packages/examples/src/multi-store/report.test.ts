import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterEach, expect, test, vi } from "vitest";
import { declared, whereSecretsAre } from "./report.ts";

const root = mkdtempSync(join(tmpdir(), "tacit-stores-"));

afterEach(() => {
  rmSync(root, { recursive: true });
  vi.unstubAllEnvs();
});

test("a secret is served by variables until it is mounted, and no code changes", async () => {
  vi.stubEnv("SECRETS_ROOT", root);
  vi.stubEnv("PARTNER_TOKEN", "s3cret-fixture-variable");
  vi.stubEnv("STRIPE_API_KEY", "s3cret-fixture-stripe");
  const config = new URL("tacit.json", import.meta.url);
  await using secrets = createSecrets({ adapters, declare: declared, config });
  await secrets.ready();
  expect(secrets.latest("partner").reveal()).toBe("s3cret-fixture-variable");
  expect(whereSecretsAre(secrets)).toEqual(["partner/token: variables, a fallback", "stripe/key: variables"]);

  mkdirSync(join(root, "partner"));
  writeFileSync(join(root, "partner/token"), "s3cret-fixture-mounted");
  await expect.poll(() => secrets.latest("partner").reveal()).toBe("s3cret-fixture-mounted");
  expect(whereSecretsAre(secrets)).toEqual(["partner/token: mount", "stripe/key: variables"]);
});
