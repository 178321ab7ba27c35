import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Adapter } from "../contract/contract.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import { resolveOptions, validateOptions } from "./provider-options.ts";

const context = { env: { REGION: "eu-west-1", PORT: "8200", OFF: "false" }, provider: "vault" };
const credentials = ["token", "auth.secretId", "keys"];

async function refusalOf(promise: Promise<unknown>): Promise<SecretError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isSecretError(error)) throw new Error("expected a SecretError", { cause: error });
  return error;
}

function adapterOf(options: StandardSchemaV1<unknown, unknown>): Adapter {
  return { name: "vault", options: async () => options, open: () => Promise.reject(new Error("never opened here")) };
}

describe("resolveOptions", () => {
  test("replaces sources by their text and keeps those of credentials", async () => {
    const raw = {
      region: { $env: "REGION" },
      token: { $env: "ABSENT" },
      auth: { role: "r", secretId: { $secret: "vault/id#x" } },
    };
    expect(await resolveOptions(raw, credentials, context)).toEqual({ ...raw, region: "eu-west-1" });
  });

  test("accepts a missing credential", async () => {
    expect(await resolveOptions({ auth: {} }, credentials, context)).toEqual({ auth: {} });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["text", { token: "s3cret-fixture" }, "providers.vault.token"],
    ["empty text", { token: "" }, "providers.vault.token"],
    ["a number", { token: 12345678 }, "providers.vault.token"],
    ["null", { token: null }, "providers.vault.token"],
    ["an object that is no source", { token: { value: "s3cret-fixture" } }, "providers.vault.token"],
    ["two sources", { token: { $env: "REGION", $file: "/s3cret-fixture" } }, "providers.vault.token"],
    ["a nested literal", { auth: { secretId: "s3cret-fixture" } }, "providers.vault.auth.secretId"],
    ["a literal in a list", { auth: [{ secretId: "s3cret-fixture" }] }, "providers.vault.auth[0].secretId"],
    ["a list of literals", { keys: ["s3cret-fixture"] }, "providers.vault.keys"],
  ])("refuses a credential written as text: %s", async (_title, raw, path) => {
    const error = await refusalOf(resolveOptions(raw, credentials, context));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "literal-credential", provider: "vault" });
    expect(error.errors).toMatchObject([
      { message: expect.stringMatching(`^${path.replaceAll(/[[\].]/g, "\\$&")}: `) },
    ]);
    expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/s3cret-fixture|12345678/);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a secret outside a credential", { region: { $secret: "a/b" } }, "secret-source"],
    ["a variable that is not set", { region: { $env: "ABSENT" } }, "unresolved"],
    ["a malformed source", { region: { $env: "" } }, "source"],
    ["a reference that is none", { token: { $secret: "../s3cret-fixture" } }, "name"],
    ["a polluting key", JSON.parse('{"auth":{"__proto__":{"polluted":1}}}'), "unknown-key"],
  ])("refuses %s", async (_title, raw, reason) => {
    const error = await refusalOf(resolveOptions(raw, credentials, context));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason });
    expect(error.message).not.toContain("s3cret-fixture");
    expect({}).not.toHaveProperty("polluted");
  });

  test("reports all problems", async () => {
    const raw = { token: "s3cret-fixture", region: { $env: "ABSENT" }, url: { $secret: "x" } };
    expect((await refusalOf(resolveOptions(raw, credentials, context))).errors).toHaveLength(3);
  });
});

describe("validateOptions", () => {
  const schema = z.strictObject({
    root: z
      .string()
      .refine((root) => root.startsWith("/"), { error: "must be an absolute path" })
      .optional(),
    refreshInterval: z.string().optional(),
    port: z.number().min(1).prefault(8200),
    region: z
      .string()
      .regex(/^[a-z]/)
      .optional(),
    zone: z.string().min(50, "must be a long name").optional(),
    tls: z.strictObject({ verify: z.boolean() }).optional(),
  });

  test("returns what the schema returns", async () => {
    expect(await validateOptions(adapterOf(schema), { root: "/x" }, { provider: "mount" })).toEqual({
      root: "/x",
      port: 8200,
    });
  });

  test("converts the text of a source to the number or boolean that the schema requires", async () => {
    const resolved = await resolveOptions({ port: { $env: "PORT" }, tls: { verify: { $env: "OFF" } } }, [], context);
    expect(await validateOptions(adapterOf(schema), resolved, { provider: "vault" })).toEqual({
      port: 8200,
      tls: { verify: false },
    });
  });

  test("does not convert literal text to a number", async () => {
    const resolved = await resolveOptions({ port: "8200" }, [], context);
    const error = await refusalOf(validateOptions(adapterOf(schema), resolved, { provider: "vault" }));
    expect(error.message).toContain("providers.vault.port: must be a number, not text");
  });

  test.each<[Record<string, unknown>, string]>([
    [
      { refeshInterval: "s3cret-fixture" },
      "providers.mount.refeshInterval: is not a known key; did you mean refreshInterval?",
    ],
    [{ poll: "s3cret-fixture" }, "providers.mount.poll: is not a known key; did you mean pollInterval?"],
    [{ tls: { verfy: false, verify: true } }, "providers.mount.tls.verfy: is not a known key; did you mean verify?"],
    [{ root: "s3cret-fixture" }, "providers.mount.root: must be an absolute path"],
    [{ port: "s3cret-fixture" }, "providers.mount.port: must be a number, not text"],
    [{ port: 0 }, "providers.mount.port: must be at least 1"],
    [{ region: "9s3cret-fixture" }, "providers.mount.region: does not have the right form"],
    [{ zone: "s3cret-fixture" }, "providers.mount.zone: must be a long name"],
    [null as never, "providers.mount: must be an object, not null"],
  ])("reports the path and the nearest known key, without the value: %j", async (options, message) => {
    const error = await refusalOf(validateOptions(adapterOf(schema), options, { provider: "mount" }));
    expect(error.errors?.map((one) => one.message)).toEqual([message]);
    expect(error).toMatchObject({ code: "INVALID_CONFIG", provider: "mount" });
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain("s3cret-fixture");
  });

  test("replaces a text of the adapter that quotes the value", async () => {
    const quoting = z.strictObject({
      root: z
        .string()
        .superRefine((root, issues) => issues.addIssue({ code: "custom", message: `no such root: ${root}` })),
    });
    const error = await refusalOf(
      validateOptions(adapterOf(quoting), { root: "s3cret-fixture" }, { provider: "mount" }),
    );
    expect(error.errors).toMatchObject([{ message: "providers.mount.root: is not valid" }]);
  });

  test("uses only the path of the issues of another library", async () => {
    const foreign: StandardSchemaV1<unknown, unknown> = {
      "~standard": {
        version: 1,
        vendor: "other",
        validate: () => ({
          issues: [{ message: "bad: s3cret-fixture", path: [{ key: "list" }, 0] }, { message: "s3cret-fixture" }],
        }),
      },
    };
    const error = await refusalOf(
      validateOptions(adapterOf(foreign), { list: ["s3cret-fixture"] }, { provider: "mount" }),
    );
    expect(error.errors?.map((one) => one.message)).toEqual([
      "providers.mount.list[0]: is not valid",
      "providers.mount: is not valid",
    ]);
  });

  test("does not include the error of a failing schema", async () => {
    const adapter: Adapter = { ...adapterOf(schema), options: () => Promise.reject(new Error("s3cret-fixture")) };
    const error = await refusalOf(validateOptions(adapter, {}, { provider: "mount" }));
    expect(error).toMatchObject({ code: "INTERNAL", reason: "options-schema", provider: "mount", retryable: false });
    expect(`${error.stack}${(error.cause as Error).stack}`).not.toContain("s3cret-fixture");
  });

  test("throws a SecretError of the adapter unchanged", async () => {
    const missing = (await import("../error/secret-error.ts")).SecretError;
    const adapter: Adapter = {
      ...adapterOf(schema),
      options: () => Promise.reject(new missing("INVALID_CONFIG", "install x")),
    };
    expect(await refusalOf(validateOptions(adapter, {}, { provider: "mount" }))).toMatchObject({
      message: "install x",
    });
  });
});
