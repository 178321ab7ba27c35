import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { conformanceHost, parseOptions } from "@tacit/core/conformance";
import {
  type Adapter,
  isSecretError,
  type Provider,
  type ProviderResult,
  type SecretError,
} from "@tacit/core/provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { type EnvOptions, env } from "./index.ts";
import { openEnvProvider } from "./provider.ts";

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tacit-env-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function optionsOf(raw: Record<string, unknown> = {}): Promise<EnvOptions> {
  return (await parseOptions(env as Adapter, raw)) as EnvOptions;
}

async function open(environment: Environment, raw: Record<string, unknown> = {}): Promise<Provider> {
  return openEnvProvider(await optionsOf(raw), conformanceHost(), environment);
}

async function get(provider: Provider, path: string): Promise<ProviderResult> {
  return provider.get({ path, version: "current" }, { signal: new AbortController().signal });
}

async function read(environment: Environment, path: string, raw?: Record<string, unknown>): Promise<unknown> {
  const result = await get(await open(environment, raw), path);
  if (result.status !== "ok") return result;
  if (result.payload.kind === "value") return Buffer.from(result.payload.bytes).toString();
  return Object.fromEntries([...result.payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

async function refusalOf(promise: Promise<unknown>): Promise<SecretError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isSecretError(error)) throw new Error("expected a SecretError", { cause: error });
  expect(inspect(error, { depth: 10 })).not.toContain("s3cret-fixture");
  return error;
}

describe("the variable of a name", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["db/primary", {}, "DB_PRIMARY"],
    ["stripe", {}, "STRIPE"],
    ["a.b/c-d_e", {}, "A_B_C_D_E"],
    ["camelCase/Name2", {}, "CAMELCASE_NAME2"],
    ["db/primary", { prefix: "APP_" }, "APP_DB_PRIMARY"],
    ["2fa/key", { prefix: "APP_" }, "APP_2FA_KEY"],
    ["db/primary", { envFrom: { "db/primary": "DB_" } }, "DB_*"],
    ["db/other", { envFrom: { "db/primary": "DB_" } }, "DB_OTHER"],
    ["constructor", {}, "CONSTRUCTOR"],
  ])("of %s with %j is %s", async (name, raw, variable) => {
    expect(env.toPath?.(name, await optionsOf(raw))).toBe(variable);
  });

  test.each(["db/file", "db_file", "db-/user", "db__user"])(
    "refuses %s, whose variable is claimed by another name",
    async (name) => {
      const options = await optionsOf({});
      const error = await refusalOf((async () => env.toPath?.(name, options))());
      expect(error).toMatchObject({ code: "INVALID_NAME", reason: "variable" });
    },
  );

  test("cannot begin with a digit", async () => {
    const options = await optionsOf();
    const error = await refusalOf((async () => env.toPath?.("2fa/key", options))());
    expect(error).toMatchObject({ code: "INVALID_NAME", reason: "variable", tip: expect.stringContaining("`prefix`") });
  });
});

describe("options", () => {
  test.each([
    { prefx: "A_" },
    { prefix: "1A" },
    { prefix: "A B" },
    { separator: "_" },
    { separator: "" },
    { separator: "==" },
    { dotenv: "" },
    { envFrom: { db: "" } },
    { envFrom: { db: "*" } },
    { envFrom: ["DB_"] },
  ])("refuse %j", async (raw) => {
    await expect(optionsOf(raw)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe("a read", () => {
  test.each<[string, Environment, string, unknown]>([
    ["a value", { DB: "s3cret-fixture" }, "DB", "s3cret-fixture"],
    ["a value with its line end and spaces", { DB: " s3cret-fixture \n" }, "DB", " s3cret-fixture \n"],
    ["an empty value, which is not a missing one", { DB: "" }, "DB", ""],
    ["nothing", {}, "DB", { status: "not-found", definitive: true }],
    ["nothing inherited", {}, "toString", { status: "not-found", definitive: true }],
    ["nothing from an undefined member", { DB: undefined }, "DB", { status: "not-found", definitive: true }],
    [
      "fields in small letters",
      { DB__USERNAME: "u", DB__PASSWORD: "s3cret-fixture" },
      "DB",
      { username: "u", password: "s3cret-fixture" },
    ],
    [
      "a field with the case that somebody chose",
      { DB__apiKey: "a", "DB__tls.crt": "b" },
      "DB",
      { apiKey: "a", "tls.crt": "b" },
    ],
    ["a single field as fields", { DB__PASSWORD: "" }, "DB", { password: "" }],
    ["no field without a name", { DB__: "x" }, "DB", { status: "not-found", definitive: true }],
    [
      "not the variables of a longer name",
      { DB_PRIMARY: "x", DB2: "y" },
      "DB",
      { status: "not-found", definitive: true },
    ],
    ["a path as it is written", { mq_User: "u" }, "mq_User", "u"],
    [
      "every variable with a prefix, its rest exactly",
      { DB_username: "u", DB_PASSWORD: "p", DB_: "x", D: "y" },
      "DB_*",
      { username: "u", PASSWORD: "p" },
    ],
    ["nothing with a prefix", { OTHER: "x" }, "DB_*", { status: "not-found", definitive: true }],
  ])("answers %s", async (_title, environment, path, expected) => {
    expect(await read(environment, path)).toEqual(expected);
  });

  test("looks for fields behind another separator", async () => {
    expect(await read({ DB___A: "1", DB__B: "2" }, "DB", { separator: "___" })).toEqual({ a: "1" });
  });

  test("gives a field named like a member of every object", async () => {
    const result = await get(await open({ DB____PROTO__: "x", DB__CONSTRUCTOR: "y" }), "DB");
    expect(result.status === "ok" && result.payload.kind === "fields" && [...result.payload.fields.keys()]).toEqual([
      "__proto__",
      "constructor",
    ]);
  });

  test.each<[Environment, readonly string[]]>([
    [{ DB: "s3cret-fixture", DB_FILE: "/s3cret-fixture" }, ["DB", "DB_FILE"]],
    [{ DB: "", DB__A: "s3cret-fixture" }, ["DB", "DB__A"]],
    [{ DB_FILE: "/x", DB__A: "s3cret-fixture", DB__B: "" }, ["DB_FILE", "DB__A", "DB__B"]],
    [{ DB: "1", DB_FILE: "2", DB__A: "3" }, ["DB", "DB_FILE", "DB__A"]],
    [{ DB__A: "1", DB__a: "2" }, ["DB__A", "DB__a"]],
  ])("refuses to choose between %j", async (environment, variables) => {
    const error = await refusalOf(read(environment, "DB"));
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "ambiguous" });
    expect(error.message).toContain(`the variables ${variables.join(", ")} `);
  });

  test.each(["", "1A", "A B", "A=B", "../A", "A*B", "**", "A\0", "A%42"])("refuses the path %j", async (path) => {
    expect(await refusalOf(read({}, path))).toMatchObject({ code: "INVALID_NAME" });
  });

  test("has the version of its content, and says so when asked on condition", async () => {
    const environment: Record<string, string> = { DB: "one" };
    const provider = await open(environment);
    const context = { signal: new AbortController().signal };
    const first = await get(provider, "DB");
    const ifVersion = first.status === "ok" ? first.version : "";
    expect(await provider.get({ path: "DB", version: "current", ifVersion }, context)).toEqual({
      status: "not-modified",
      version: ifVersion,
    });
    environment.DB = "two";
    expect(await provider.get({ path: "DB", version: "current", ifVersion }, context)).toMatchObject({ status: "ok" });
  });

  test("reads the environment of the process, and never writes it", async () => {
    const before = { ...process.env };
    const provider = await env.open(await optionsOf(), conformanceHost());
    expect(await get(provider, "PATH")).toMatchObject({ status: "ok", payload: { kind: "value" } });
    expect(process.env).toEqual(before);
  });
});

describe("a variable that names a file", () => {
  test("gives the exact bytes of the file, again at each read", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await writeFile(at("value"), bytes);
    const provider = await open({ DB_FILE: at("value") });
    expect(await get(provider, "DB")).toMatchObject({
      status: "ok",
      payload: { kind: "value", bytes: new Uint8Array(bytes) },
    });
    await writeFile(at("value"), "after\n");
    expect(await get(provider, "DB")).toMatchObject({ payload: { bytes: new TextEncoder().encode("after\n") } });
  });

  test("may name an empty file", async () => {
    await writeFile(at("empty"), "");
    expect(await read({ DB_FILE: at("empty") }, "DB")).toBe("");
  });

  test.each<[string, () => string, string, string]>([
    ["is missing", () => at("s3cret-fixture"), "UNAVAILABLE", "file-missing"],
    ["is below a file", () => at("empty/s3cret-fixture"), "UNAVAILABLE", "file-missing"],
    ["is named by nothing", () => "", "UNAVAILABLE", "file-missing"],
    ["is a directory", () => directory, "INVALID_VALUE", "not-a-file"],
    ["is a pipe", () => at("pipe"), "INVALID_VALUE", "not-a-file"],
    ["is a device", () => "/dev/zero", "INVALID_VALUE", "not-a-file"],
    ["is too large", () => at("large"), "INVALID_VALUE", "too-large"],
    ["has a name that no system takes", () => "a\0s3cret-fixture", "UNAVAILABLE", "file-unreadable"],
  ])("that %s is told by the variable alone", async (_title, path, code, reason) => {
    await writeFile(at("large"), Buffer.alloc(1_048_577));
    execFileSync("mkfifo", [at("pipe")], { stdio: "ignore" });
    const error = await refusalOf(read({ DB_FILE: path() }, "DB"));
    expect(error).toMatchObject({ code, reason, message: expect.stringContaining("the file in DB_FILE") });
    await rm(at("pipe"));
  });

  test.skipIf(process.getuid?.() === 0)("and may not be read is a denial", async () => {
    await writeFile(at("denied"), "s3cret-fixture");
    await chmod(at("denied"), 0);
    expect(await refusalOf(read({ DB_FILE: at("denied") }, "DB"))).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "file-permission",
    });
  });

  test("and holds just 1 MiB is read", async () => {
    await writeFile(at("full"), Buffer.alloc(1_048_576));
    expect(await get(await open({ DB_FILE: at("full") }), "DB")).toMatchObject({ status: "ok" });
  });

  test("is given up when nobody waits any more", async () => {
    await writeFile(at("value"), "s3cret-fixture");
    const controller = new AbortController();
    const pending = (await open({ DB_FILE: at("value") })).get(
      { path: "DB", version: "current" },
      { signal: controller.signal },
    );
    controller.abort(new Error("enough"));
    await expect(pending).rejects.toThrow("enough");
  });
});

describe("a .env file", () => {
  test("lies beneath the environment, variable by variable", async () => {
    await writeFile(at(".env"), "# development\nDB__USERNAME=u\nDB__PASSWORD=\"from file\"\nexport OTHER='x'\n");
    expect(await read({ DB__PASSWORD: "from process" }, "DB", { dotenv: at(".env") })).toEqual({
      username: "u",
      password: "from process",
    });
    expect(await read({}, "OTHER", { dotenv: at(".env") })).toBe("x");
  });

  test("is read again, so that a developer need not restart", async () => {
    const provider = await open({}, { dotenv: at("again.env") });
    expect(await get(provider, "DB")).toMatchObject({ status: "not-found" });
    await writeFile(at("again.env"), "DB=1");
    expect(await get(provider, "DB")).toMatchObject({ status: "ok" });
  });

  test.each([
    ["UTF-16 with a byte order mark, as PowerShell writes it", Buffer.from("\ufeffDB_KEY=s3cret-fixture\n", "utf16le")],
    ["UTF-16 without one", Buffer.from("DB_KEY=s3cret-fixture\n", "utf16le")],
    ["Latin-1", Buffer.from("DB_KEY=s3cr\u00e9t-fixture\n", "latin1")],
  ])("in %s is refused, and a finding", async (_what, bytes) => {
    await writeFile(at("other.env"), bytes);
    const raw = { dotenv: at("other.env") };
    expect(await refusalOf(read({}, "DB_KEY", raw))).toMatchObject({ code: "INVALID_VALUE", reason: "not-utf8" });
    const findings = await (await open({}, raw)).diagnose?.({ signal: new AbortController().signal });
    expect(findings?.map(({ level, code }) => `${level} ${code}`)).toContain("error dotenv-unreadable");
  });

  test("with a byte order mark is read", async () => {
    await writeFile(at("mark.env"), "\ufeffDB=1");
    expect(await read({}, "DB", { dotenv: at("mark.env") })).toBe("1");
  });

  test("that cannot be read is an error, not an empty one", async () => {
    expect(await refusalOf(read({}, "DB", { dotenv: directory }))).toMatchObject({
      code: "INVALID_VALUE",
      reason: "not-a-file",
    });
  });
});

describe("what an operator is told", () => {
  async function warningsOf(environment: Environment, paths: readonly string[] = []): Promise<readonly string[]> {
    const host = conformanceHost();
    const provider = openEnvProvider(await optionsOf(), host, environment);
    for (const path of paths) await get(provider, path);
    return host.warnings.map(({ code }) => code);
  }

  test("is one warning in production, and none elsewhere", async () => {
    expect(await warningsOf({ NODE_ENV: "production", A: "1" }, ["A", "A"])).toEqual(["env-in-production"]);
    expect(await warningsOf({ NODE_ENV: "development" }, ["A"])).toEqual([]);
  });

  test("is that nothing begins with a prefix", async () => {
    expect(await warningsOf({}, ["DB_*"])).toEqual(["env-from-empty"]);
  });

  async function findingsOf(
    environment: Environment,
    raw: Record<string, unknown>,
    paths: readonly string[] = [],
  ): Promise<unknown> {
    const provider = await open(environment, raw);
    for (const path of paths) await get(provider, path).catch(() => undefined);
    const found = (await provider.diagnose?.({ signal: new AbortController().signal })) ?? [];
    expect(inspect(found)).not.toContain("s3cret-fixture");
    return found.map(({ level, code }) => `${level} ${code}`);
  }

  test("is that variables are fixed and visible", async () => {
    expect(await findingsOf({}, {})).toEqual(["info env-frozen", "warning env-visible"]);
  });

  test("is less where Node's reports leave the environment out", async () => {
    process.report.excludeEnv = true;
    try {
      expect(await findingsOf({}, {})).toEqual(["info env-frozen"]);
    } finally {
      process.report.excludeEnv = false;
    }
  });

  test("is what is ambiguous among the paths that were asked for", async () => {
    const environment = { DB: "s3cret-fixture", DB_FILE: "/x", GIT: "1", GIT_FILE: "2" };
    expect(await findingsOf(environment, {}, ["DB", "OK"])).toContain("error env-ambiguous");
    expect(await findingsOf(environment, {}, ["OK"])).not.toContain("error env-ambiguous");
  });

  test("is that the .env file is absent, and which keys a pod leaves out", async () => {
    const raw = { dotenv: at("absent.env"), envFrom: { "db/primary": "DB_" } };
    expect(await findingsOf({}, raw)).toEqual(expect.arrayContaining(["info dotenv-missing", "info env-from-skips"]));
  });
});

test("a variable that differs only in case is named beside those that would have served", async () => {
  const provider = await open({ db_primary: "s3cret-fixture", Db_Primary_File: "/x", DB_OTHER: "s3cret-fixture" });
  expect(await get(provider, "DB_PRIMARY")).toMatchObject({ status: "not-found" });
  expect(provider.place?.("DB_PRIMARY")).toBe(
    'variable DB_PRIMARY, DB_PRIMARY_FILE, DB_PRIMARY__*; "db_primary", "Db_Primary_File" differ only in case',
  );
  const fields = await open({ db__password: "s3cret-fixture" });
  expect(fields.place?.("DB", ["password"])).toBe(
    'variable DB, DB_FILE, DB__PASSWORD; "db__password" differs only in case',
  );
  expect(fields.place?.("MQ")).toBe("variable MQ, MQ_FILE, MQ__*");
});
