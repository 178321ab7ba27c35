import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import type { ConfigSource } from "./config-document.ts";
import { loadConfig } from "./load-config.ts";

const context = { env: { POLL: "30s", MANY: "250", YES: "true", EMPTY: "" }, adapterNames: ["file", "env", "vault"] };
const base = { providers: { mount: { use: "file", root: "/etc/secrets" } }, routes: [{ match: "**", to: ["mount"] }] };

async function refusalOf(document: object | string): Promise<SecretError> {
  const error: unknown = await loadConfig(document as ConfigSource, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isSecretError(error, "INVALID_CONFIG")) throw new Error("expected INVALID_CONFIG", { cause: error });
  return error;
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tacit-config-"));
  await writeFile(join(directory, "poll"), "45s\n");
  await writeFile(join(directory, "not-text"), Buffer.from([0xff, 0xfe]));
});
afterAll(() => rm(directory, { recursive: true }));

describe("a valid document", () => {
  test("becomes providers, routes and bindings with durations in milliseconds", async () => {
    const config = await loadConfig(
      {
        $schema: "https://example.com/schema.json",
        providers: {
          mount: { use: "file", root: "/etc/secrets", pollInterval: "10s" },
          dr: { use: "vault", url: "https://vault.example", token: { $env: "TOKEN" }, optional: true },
        },
        routes: [
          { match: "db/**", to: ["dr", "mount"], fallbackOn: ["UNAVAILABLE", "THROTTLED"] },
          { match: "**", to: ["mount"] },
        ],
        bindings: {
          "stripe/key": { provider: "dr", path: "billing/stripe", select: "api.key", version: "7" },
          mq: {
            fields: {
              user: { provider: "mount", path: "MQ" },
              pin: { provider: "dr", path: "mq", select: "/a~1b/c", optional: true },
            },
          },
        },
        cache: { ttl: "1m", maxStale: "2h", maxEntries: 5 },
        onDenied: "throw",
        allow: ["db/**", "stripe/*"],
      },
      context,
    );
    expect(config).toEqual({
      source: "the document passed as `config`",
      providers: new Map(
        Object.entries({
          mount: { name: "mount", use: "file", optional: false, pollMs: 10_000, options: { root: "/etc/secrets" } },
          dr: {
            name: "dr",
            use: "vault",
            optional: true,
            options: { url: "https://vault.example", token: { $env: "TOKEN" } },
          },
        }),
      ),
      routes: [
        { match: "db/**", to: ["dr", "mount"], fallbackOn: new Set(["UNAVAILABLE", "THROTTLED"]) },
        { match: "**", to: ["mount"], fallbackOn: new Set() },
      ],
      bindings: new Map<string, unknown>([
        [
          "stripe/key",
          {
            kind: "single",
            part: {
              provider: "dr",
              path: "billing/stripe",
              version: "7",
              optional: false,
              select: { kind: "key", key: "api.key" },
            },
          },
        ],
        [
          "mq",
          {
            kind: "composite",
            fields: new Map<string, unknown>([
              ["user", { provider: "mount", path: "MQ", optional: false }],
              [
                "pin",
                { provider: "dr", path: "mq", optional: true, select: { kind: "pointer", tokens: ["a/b", "c"] } },
              ],
            ]),
          },
        ],
      ]),
      cache: { ttlMs: 60_000, maxStaleMs: 7_200_000, maxEntries: 5 },
      onDenied: "throw",
      allow: ["db/**", "stripe/*"],
    });
  });

  test("has defaults for everything except its providers", async () => {
    const { routes, bindings, cache, onDenied, allow } = await loadConfig({ providers: {} }, context);
    expect({ routes, bindings, cache, onDenied, allow }).toEqual({
      routes: [],
      bindings: new Map(),
      cache: { ttlMs: 300_000, maxStaleMs: Number.POSITIVE_INFINITY, maxEntries: 1000 },
      onDenied: "keep",
      allow: undefined,
    });
  });

  test("may disable stale values", async () => {
    const { cache } = await loadConfig({ ...base, cache: { maxStale: "0s" } }, context);
    expect(cache.maxStaleMs).toBe(0);
  });

  test("may contain a variable or a file for any scalar outside of provider options", async () => {
    const { cache, providers, bindings } = await loadConfig(
      {
        ...base,
        providers: { mount: { use: "file", optional: { $env: "YES" }, pollInterval: { $env: "POLL" } } },
        bindings: { a: { provider: "mount", path: { $env: "MANY" }, version: { $env: "MANY" } } },
        cache: { ttl: { $file: join(directory, "poll") }, maxEntries: { $env: "MANY" } },
      },
      context,
    );
    expect(cache).toMatchObject({ ttlMs: 45_000, maxEntries: 250 });
    expect(providers.get("mount")).toMatchObject({ optional: true, pollMs: 30_000 });
    expect(bindings.get("a")).toMatchObject({ part: { path: "250", version: "250" } });
  });

  test("keeps the sources in provider options, even unreadable ones", async () => {
    const options = {
      root: { $env: "ABSENT" },
      auth: { token: { $secret: "db/primary" }, list: [{ $file: "/absent" }] },
    };
    const { providers } = await loadConfig({ providers: { mount: { use: "file", ...options } } }, context);
    expect(providers.get("mount")?.options).toEqual(options);
  });

  test("is independent of later changes of the object", async () => {
    const root = { deep: ["before"] };
    const { providers } = await loadConfig({ providers: { mount: { use: "file", root } } }, context);
    root.deep[0] = "after";
    expect(providers.get("mount")?.options).toEqual({ root: { deep: ["before"] } });
  });
});

describe("an invalid document", () => {
  test("is refused with all its problems", async () => {
    const { errors = [], message } = await refusalOf({
      providers: { mount: { use: "fiel", pollInterval: 5 }, other: { use: "env", optional: "yes" } },
      routes: [{ match: "a//b", to: ["mont"], fallbackOn: ["NOT_READY"] }],
      bindings: { "bad name": { provider: "mount", path: "p" }, b: { provider: "nope", path: "" } },
      cache: { ttl: "0s", maxSale: "1h", maxEntries: { $env: "ABSENT" } },
      onDenied: "explode",
      alow: [],
    });
    const places = errors.map((error) => error.message.split(": ")[0]);
    expect(places.toSorted()).toEqual([
      "alow",
      "bindings.b.path",
      "bindings.b.provider",
      'bindings["bad name"]',
      "cache.maxEntries",
      "cache.maxSale",
      "cache.ttl",
      "onDenied",
      "providers.mount.pollInterval",
      "providers.mount.use",
      "providers.other.optional",
      "routes[0].fallbackOn[0]",
      "routes[0].match",
      "routes[0].to[0]",
    ]);
    for (const place of places) expect(message).toContain(`\n  - ${place}: `);
  });

  test("lists at most fifty problems in its message and keeps them all in its errors", async () => {
    const routes = Array.from({ length: 60 }, () => ({ match: "**", to: ["nope"] }));
    const { errors, message } = await refusalOf({ ...base, routes });
    expect(errors).toHaveLength(60);
    expect(message).toContain("and 10 more");
    expect(message.split("\n")).toHaveLength(53);
  });

  test.each([
    [
      "a.json",
      '{\n  "providers": { "a": { "use": "file" } },\n  "routes": [\n    { "match": "**",\n      "to": "a" }\n  ]\n}',
      5,
    ],
    ["a.yaml", "providers:\n  a: { use: file }\nroutes:\n  - match: '**'\n    to: a\n", 5],
  ])("is refused with the file and the line of each problem in %s", async (name, text, line) => {
    const path = join(directory, name);
    await writeFile(path, text);
    const { message, errors } = await refusalOf(path);
    expect(errors?.[0]?.message).toBe(
      `routes[0].to (line ${line} of "${path}" from \`config\`): must be a list, not text`,
    );
    expect(message).toContain(`the config file "${path}" (from \`config\`) is not valid:`);
  });

  test("is refused with the source if the line is unknown: a file, and TACIT_CONFIG", async () => {
    const path = join(directory, "b.json");
    await writeFile(path, "{}");
    expect((await refusalOf(path)).errors?.[0]?.message).toBe(
      `providers (in "${path}" from \`config\`): is required and must be an object`,
    );
    const env = { TACIT_CONFIG: '{"provider":{}}' };
    await expect(loadConfig(undefined, { ...context, env })).rejects.toMatchObject({
      errors: [
        { message: "providers (in TACIT_CONFIG): is required and must be an object" },
        { reason: "unknown-key" },
      ],
    });
  });

  test("is refused with the problems of options in the same run", async () => {
    const checkOptions = async ({ name }: { name: string }) => [new SecretError("INVALID_CONFIG", `${name}: no root`)];
    const document = { providers: { mount: { use: "file" } }, routes: [{ match: "**", to: ["mout"] }] };
    const error: unknown = await loadConfig(document, { ...context, checkOptions }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      errors: [{ reason: "unknown-provider" }, { message: "mount: no root" }],
    });
  });

  test("is refused if it contains itself, or exceeds the maximum depth", async () => {
    const cyclic: Record<string, unknown> = { use: "file" };
    cyclic.self = { cyclic };
    const deep = JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`) as object;
    for (const root of [cyclic, deep]) {
      const { errors = [] } = await refusalOf({ providers: { mount: { use: "file", root } } });
      expect(errors).toMatchObject([{ reason: "too-large" }]);
    }
  });

  test("is refused if one of its files is not text", async () => {
    const { errors = [] } = await refusalOf({ ...base, onDenied: { $file: join(directory, "not-text") } });
    expect(errors).toMatchObject([{ reason: "unresolved", message: expect.stringContaining("not UTF-8 text") }]);
  });
});
