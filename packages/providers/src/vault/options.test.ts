import { describe, expect, test } from "vitest";
import { vault } from "./index.ts";
import type { VaultOptions } from "./options.ts";
import { vaultOptions } from "./options.ts";

const parse = (raw: object): VaultOptions => vaultOptions.parse(raw);
const problemsOf = (raw: object): readonly string[] =>
  (vaultOptions.safeParse(raw).error?.issues ?? []).map(({ path }) => path.join("."));

describe("the options", () => {
  test("are all optional", () => {
    expect(parse({})).toEqual({
      mount: "secret",
      mounts: {},
      wrapped: [],
      auth: { method: "token" },
      redirects: [],
      labels: [],
      tls: { verify: true },
      events: false,
      allowInsecureHttp: false,
    });
  });

  test.each([
    ["mount", { mount: "/secret" }],
    ["mount", { mount: "secret/" }],
    ["mount", { mount: "a//b" }],
    ["mount", { mount: "../sys" }],
    ["mount", { mount: "" }],
    ["engine", { engine: "kv" }],
    ["engine", { engine: "database" }],
    ["mounts.database.engine", { mounts: { database: {} } }],
    ["namespace", { namespace: "/" }],
    ["namespace", { namespace: "a/../b" }],
    ["prefix", { prefix: "a/../b" }],
    ["prefix", { prefix: "/" }],
    ["prefix", { prefix: "/app" }],
    ["redirects.0", { redirects: ["https://vault-1.example:8200"] }],
    ["redirects.0", { redirects: ["vault-1.example"] }],
    ["redirects.0", { redirects: ["*:8200"] }],
    ["auth.method", { auth: { method: "magic" } }],
    ["tls", { tls: { certificate: { $file: "/c" } } }],
    ["tls.ca", { tls: { ca: "-----BEGIN CERTIFICATE-----" } }],
    ["proxy", { proxy: "socks5://proxy.example:1080" }],
    ["proxy", { proxy: "http://user:s3cret-fixture@proxy.example:3128" }],
  ])("refuse %s in %j", (path, raw) => {
    expect(problemsOf(raw)).toContain(path);
  });

  test("list all credentials, so that none can be written as text", () => {
    expect(vault.credentials).toEqual(
      expect.arrayContaining(["auth.token", "auth.secretId", "auth.password", "auth.jwt", "tls.key", "wrapped.token"]),
    );
  });
});

describe("a name", () => {
  test("is a path below the prefix", () => {
    expect(vault.toPath?.("db/primary", parse({}))).toBe("db/primary");
    expect(vault.toPath?.("db/primary", parse({ prefix: "prod/app" }))).toBe("prod/app/db/primary");
    expect(vault.toPath?.("db/primary", parse({ prefix: "prod/app/" }))).toBe("prod/app/db/primary");
  });

  test("that is not valid in Vault is INVALID_NAME", () => {
    expect(() => vault.toPath?.("db./primary", parse({}))).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
    expect(() => vault.toPath?.("db.", parse({}))).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});
