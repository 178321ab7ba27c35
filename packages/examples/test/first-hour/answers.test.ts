import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createSecrets, declareSecrets, isSecretError, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, expect, test, vi } from "vitest";

const home = realpathSync(mkdtempSync(join(tmpdir(), "first-hour-")));
afterAll(() => {
  rmSync(home, { recursive: true });
  vi.unstubAllEnvs();
});
for (const variable of ["VAULT_ADDR", "BAO_ADDR", "VAULT_AGENT_ADDR"]) vi.stubEnv(variable, undefined);
const at = (name: string): string => join(home, name);

const files: Readonly<Record<string, string | Uint8Array>> = {
  "secrets/db/primary": "s3cret-fixture\n",
  "secrets/tls/Username": "s3cret-fixture",
  "secrets/blank": " \n",
  "secrets/empty": "",
  "secrets/binary": Uint8Array.of(0xff, 1),
  "list.yaml": "- a\n",
  "indent.yaml": "providers:\n  mount: { use: file }\n routes: []\n",
  "routes.json": JSON.stringify({ providers: { mount: { use: "file", root: at("secrets") } } }),
};
for (const [name, content] of Object.entries(files)) {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
}

const root = at("secrets");
const mount = { use: "file", root };
const routes = [{ match: "**", to: ["mount"] }];
const document = { providers: { mount }, routes };
const database = { db: { ref: "db/primary" } };
const vault = (options: object): object => ({ ...document, providers: { mount: { use: "vault", ...options } } });
const { fields, duration } = {
  duration: 'Write a whole number and a unit: "250ms", "30s", "5m", "1h" or "90d".',
  fields: "Add the fields in the store, or correct the names in object([...]).",
};

type Declarations = Parameters<typeof declareSecrets>[0];

/** The problems of a start: each its message and its tip. */
async function problemsOf(config: unknown, declare: Declarations): Promise<readonly string[]> {
  const secrets = createSecrets({ adapters, declare: declareSecrets(declare), config: config as never });
  try {
    await secrets.ready({ timeout: "10s" });
    return [];
  } catch (error) {
    if (!isSecretError(error, "NOT_READY")) throw error;
    expect(JSON.stringify(error) + error.message).not.toContain("s3cret-fixture");
    return (error.errors ?? []).map(({ message, tip }) => `${message} | ${tip}`.replaceAll(home, "/app"));
  } finally {
    await secrets.close();
  }
}

/** Each mistake with exactly what the start says about it. */
test.concurrent.each<[mistake: string, config: unknown, said: string, declare?: Declarations]>([
  [
    "10 the config file is a directory",
    home,
    '"/app" (from `config`) is not a regular file | Specify the file itself, not its directory.',
  ],
  ["12 YAML with a wrong indent", at("indent.yaml"), "is not valid YAML: line 3, column 1 | Correct the file at that"],
  [
    "13 a list as the document",
    at("list.yaml"),
    'list.yaml" (from `config`) must be an object, not a list | Every key, and the page of each adapter: http',
  ],
  [
    "15 type for use",
    { ...document, providers: { mount: { type: "file", root } } },
    "providers.mount.use: is required and must be text | Every key, and the page of each adapter: http",
  ],
  [
    "15 poll for pollInterval",
    { ...document, providers: { mount: { ...mount, poll: "5s" } } },
    "providers.mount.poll: is not a known key; did you mean pollInterval? | The keys known here are root,",
  ],
  [
    "15 path for root",
    { ...document, providers: { mount: { ...mount, path: "x" } } },
    "providers.mount.path: is not a known key | The keys known here are root,",
  ],
  [
    "17 a duration in words",
    { ...document, cache: { ttl: "5 seconds" } },
    `cache.ttl: a duration must be a whole number followed by ms, s, m, h or d | ${duration}`,
  ],
  [
    "17 an ISO duration",
    { ...document, cache: { ttl: "PT5M" } },
    `cache.ttl: a duration must be a whole number followed by ms, s, m, h or d | ${duration}`,
  ],
  ["17 no unit", { ...document, cache: { ttl: "0" } }, `cache.ttl: a duration needs a unit | ${duration}`],
  [
    "18 fallbackOn in small letters",
    { ...document, routes: [{ match: "**", to: ["mount"], fallbackOn: ["not_found"] }] },
    'routes[0].fallbackOn[0]: must be "NOT_FOUND", "UNAVAILABLE" or "THROTTLED" | Every key, and the page of each adapter: http',
  ],
  [
    "19 a pattern that ends with a slash",
    { ...document, routes: [{ match: "db/", to: ["mount"] }] },
    'routes[0].match: must not begin or end with a slash | Write a name in which "*" and "**" may',
  ],
  [
    "19 a pattern that goes no deeper",
    { ...document, routes: [{ match: "db*", to: ["mount"] }] },
    'no route or binding matches "db/primary" | Add a route that matches it',
  ],
  [
    "20 no routes",
    at("routes.json"),
    'no route or binding matches "db/primary" | Add a route that matches it, or a binding, to the config file "/app/routes.json" (from `config`).',
  ],
  [
    "21 Vault without an address",
    vault({ auth: { method: "token", token: { $env: "NO_TOKEN" } } }),
    'the address of Vault is not set | Write `url`, such as "https://vault.example:8200", or set VAULT_ADDR.',
  ],
  [
    "21 a token that is written out",
    vault({ url: "http://127.0.0.1:1", auth: { method: "token", token: "s3cret-fixture" } }),
    'providers.mount.auth.token: is a credential, so it must be a source, not a literal | Write {"$file"',
  ],
  [
    "23 the root is a file",
    { ...document, providers: { mount: { use: "file", root: at("list.yaml") } } },
    'the root "/app/list.yaml" is not a directory | Set "root" to the directory that contains the file',
  ],
  [
    "23 a root with a tilde",
    { ...document, providers: { mount: { use: "file", root: "~/secrets" } } },
    '"~" and variables are not expanded.',
  ],
  [
    "23 a root with a variable",
    { ...document, providers: { mount: { use: "file", root: at("$HOME/secrets") } } },
    'the root "/app/$HOME/secrets" does not exist | Write the option "root" out, or as { "$env": "NAME" }: "~"',
  ],
  [
    "24 a directory in another case",
    document,
    'there is no file or directory "/app/secrets/DB/primary"; "db/primary" differs only in case (provider "mount") | Create',
    { db: { ref: "DB/primary" } },
  ],
  [
    "24 a file in another case",
    document,
    'there is no file or directory "/app/secrets/db/Primary"; "db/primary" differs only in case (provider "mount") | Create',
    { db: { ref: "db/Primary" } },
  ],
  [
    "24 a field in another case",
    document,
    `"tls" lacks "username"; it has: "Username" | Did you mean "Username"? ${fields}`,
    { db: { ref: "tls", as: object(["username"]) } },
  ],
  [
    "24 a selector in another case",
    document,
    '"tls#username" has no field "username"; it has: "Username" | Did you mean "Username"?',
    { db: { ref: "tls#username" } },
  ],
  [
    "25 a directory as text",
    document,
    '"tls" has fields, but text() reads a single value; it has: "Username" | Ask for one field, such as "tls#Username", or',
    { db: { ref: "tls" } },
  ],
  [
    "25 text as an object",
    document,
    'the value of "db/primary" is not JSON | Correct the value in the store, or read it unparsed with text().',
    { db: { ref: "db/primary", as: object(["username"]) } },
  ],
  ["25 an empty value", document, 'the value of "empty" is empty | Set it in the store', { db: { ref: "empty" } }],
  ["25 a blank value", document, 'the value of "blank" is empty | Set it in the store', { db: { ref: "blank" } }],
  [
    "25 a binary value",
    document,
    'the value of "binary" cannot be read as UTF-8 text | Read it with bytes()',
    { db: { ref: "binary" } },
  ],
])("%s", async (_mistake, config, said, declare = database) => {
  expect(await problemsOf(config, declare)).toEqual([expect.stringContaining(said)]);
});

test("26 a final newline is no part of the value", async () => {
  await using secrets = createSecrets({ adapters, config: document, declare: database });
  await secrets.ready();
  expect(secrets.latest("db").reveal()).toBe("s3cret-fixture");
});

test("29 a variable that is set after createSecrets, as dotenv may do, is read", async () => {
  vi.stubEnv("FIRST_HOUR_KEY", undefined);
  const config = { providers: { env: { use: "env" } }, routes: [{ match: "**", to: ["env"] }] };
  await using secrets = createSecrets({ adapters, config, declare: { key: { ref: "first-hour/key" } } });
  vi.stubEnv("FIRST_HOUR_KEY", "s3cret-fixture");
  await secrets.ready();
  expect(secrets.latest("key").reveal()).toBe("s3cret-fixture");
});

test("32 a Secret has no members of its value, spread, in a template or in a Buffer", async () => {
  await using secrets = createSecrets({ adapters, config: document, declare: database });
  await secrets.ready();
  const secret = secrets.latest("db");
  expect(Object.keys({ ...secret })).toEqual(["reference", "version"]);
  expect((secret as unknown as { password?: unknown }).password).toBeUndefined();
  expect(`Bearer ${secret}`).toBe("Bearer [REDACTED:db/primary]");
  expect(Buffer.from(secret as never).toString()).toBe("[REDACTED:db/primary]");
});
