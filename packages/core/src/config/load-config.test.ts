import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import { loadConfig } from "./load-config.ts";

const context = { env: { POLL: "30s", MANY: "250", YES: "true", EMPTY: "" }, adapterNames: ["file", "env", "vault"] };
const base = { providers: { mount: { use: "file", root: "/etc/secrets" } }, routes: [{ match: "**", to: ["mount"] }] };

async function refusalOf(document: object): Promise<SecretError> {
  const error: unknown = await loadConfig(document, context).then(
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

describe("a document that fits", () => {
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
      source: "inline",
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

  test("has defaults for everything but its providers", async () => {
    const { routes, bindings, cache, onDenied, allow } = await loadConfig({ providers: {} }, context);
    expect({ routes, bindings, cache, onDenied, allow }).toEqual({
      routes: [],
      bindings: new Map(),
      cache: { ttlMs: 300_000, maxStaleMs: Number.POSITIVE_INFINITY, maxEntries: 1000 },
      onDenied: "keep",
      allow: undefined,
    });
  });

  test("may say that stale values are never served", async () => {
    const { cache } = await loadConfig({ ...base, cache: { maxStale: "0s" } }, context);
    expect(cache.maxStaleMs).toBe(0);
  });

  test("takes any scalar of its own from a variable or a file", async () => {
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

  test("keeps the sources in provider options, also those that cannot be read now", async () => {
    const options = {
      root: { $env: "ABSENT" },
      auth: { token: { $secret: "db/primary" }, list: [{ $file: "/absent" }] },
    };
    const { providers } = await loadConfig({ providers: { mount: { use: "file", ...options } } }, context);
    expect(providers.get("mount")?.options).toEqual(options);
  });

  test("is not touched by later changes of the object", async () => {
    const root = { deep: ["before"] };
    const { providers } = await loadConfig({ providers: { mount: { use: "file", root } } }, context);
    root.deep[0] = "after";
    expect(providers.get("mount")?.options).toEqual({ root: { deep: ["before"] } });
  });
});

describe("a document that does not fit", () => {
  const mount = { use: "file" };
  const withRoute = (route: object): object => ({ ...base, routes: [route] });
  const withBinding = (name: string, binding: unknown): object => ({ ...base, bindings: { [name]: binding } });

  test.each<[string, object, string, string]>([
    ["no providers", {}, "providers: is required: an object", "invalid"],
    ["providers as a list", { providers: [] }, "providers: must be an object, not a list", "invalid"],
    [
      "a provider that is text",
      { providers: { mount: "file" } },
      "providers.mount: must be an object, not text",
      "invalid",
    ],
    ["a provider without use", { providers: { mount: {} } }, "providers.mount.use: is required: text", "invalid"],
    ["an empty use", { providers: { mount: { use: "" } } }, "providers.mount.use: must not be empty", "invalid"],
    [
      "a mistyped adapter",
      { providers: { mount: { use: "fiel" } } },
      "providers.mount.use: names no adapter that the application passed; did you mean file?",
      "unknown-adapter",
    ],
    [
      "a module as adapter",
      { providers: { mount: { use: "./evil.js" } } },
      "providers.mount.use: names no adapter that the application passed",
      "unknown-adapter",
    ],
    [
      "an inherited adapter",
      { providers: { mount: { use: "constructor" } } },
      "providers.mount.use: names no adapter that the application passed",
      "unknown-adapter",
    ],
    ["a provider name with a plus", { providers: { "a+b": mount } }, 'providers["a+b"]: is not a usable key', "name"],
    ["an unknown key", { ...base, cach: {} }, "cach: is not a known key; did you mean cache?", "unknown-key"],
    ["an unknown key far from any", { ...base, zzzzzzzzzzzz: 1 }, "zzzzzzzzzzzz: is not a known key", "unknown-key"],
    [
      "an unknown key in the cache",
      { ...base, cache: { maxstale: "1h" } },
      "cache.maxstale: is not a known key; did you mean maxStale?",
      "unknown-key",
    ],
    [
      "an unknown key in a route",
      withRoute({ match: "**", to: ["mount"], falbackOn: [] }),
      "routes[0].falbackOn: is not a known key; did you mean fallbackOn?",
      "unknown-key",
    ],
    [
      "a bare number",
      { ...base, cache: { ttl: 300 } },
      "cache.ttl: a duration must be text with a unit, not a bare number",
      "duration",
    ],
    [
      "no number",
      { ...base, cache: { ttl: Number.NaN } },
      "cache.ttl: a duration must be text with a unit, not a bare number",
      "duration",
    ],
    [
      "a negative duration",
      { ...base, cache: { ttl: "-5m" } },
      "cache.ttl: a duration must not be negative",
      "duration",
    ],
    ["a zero ttl", { ...base, cache: { ttl: "0s" } }, "cache.ttl: a duration must be longer than zero", "duration"],
    [
      "a zero poll interval",
      { providers: { mount: { use: "file", pollInterval: "0s" } } },
      "providers.mount.pollInterval: a duration must be longer than zero",
      "duration",
    ],
    [
      "an unlimited ttl",
      { ...base, cache: { ttl: "unlimited" } },
      "cache.ttl: a duration must be a whole number followed by",
      "duration",
    ],
    [
      "a mistyped maxStale",
      { ...base, cache: { maxStale: "unlimitd" } },
      "cache.maxStale: a duration must be a whole number followed by",
      "duration",
    ],
    ["no entries", { ...base, cache: { maxEntries: 0 } }, "cache.maxEntries: must be at least 1", "invalid"],
    [
      "entries as text",
      { ...base, cache: { maxEntries: "5" } },
      "cache.maxEntries: must be a number, not text",
      "invalid",
    ],
    [
      "half an entry",
      { ...base, cache: { maxEntries: 1.5 } },
      "cache.maxEntries: must be a whole number, not a fraction",
      "invalid",
    ],
    [
      "an unknown provider",
      withRoute({ match: "**", to: ["mont"] }),
      "routes[0].to[0]: names no provider of this document; did you mean mount?",
      "unknown-provider",
    ],
    [
      "an inherited provider",
      withRoute({ match: "**", to: ["toString"] }),
      "routes[0].to[0]: names no provider of this document",
      "unknown-provider",
    ],
    [
      "an unknown provider in a binding",
      withBinding("a", { provider: "vault", path: "p" }),
      "bindings.a.provider: names no provider of this document",
      "unknown-provider",
    ],
    [
      "an unknown provider in a field",
      withBinding("a", { fields: { b: { provider: "muont", path: "p" } } }),
      "bindings.a.fields.b.provider: names no provider of this document; did you mean mount?",
      "unknown-provider",
    ],
    ["a route to nowhere", withRoute({ match: "**", to: [] }), "routes[0].to: must not be empty", "invalid"],
    ["a route as text", withRoute({ match: "**", to: "mount" }), "routes[0].to: must be a list, not text", "invalid"],
    [
      "a fallback on a denial",
      withRoute({ match: "**", to: ["mount"], fallbackOn: ["PERMISSION_DENIED"] }),
      'routes[0].fallbackOn[0]: must be "NOT_FOUND", "UNAVAILABLE" or "THROTTLED"',
      "invalid",
    ],
    ["an empty pattern", withRoute({ match: "", to: ["mount"] }), "routes[0].match: is empty", "pattern"],
    [
      "a pattern with a slash in front",
      withRoute({ match: "/db", to: ["mount"] }),
      "routes[0].match: must not begin or end with a slash",
      "pattern",
    ],
    [
      "a pattern with an empty segment",
      withRoute({ match: "db//x", to: ["mount"] }),
      "routes[0].match: has an empty segment",
      "pattern",
    ],
    [
      "a pattern with half a double star",
      withRoute({ match: "db/a**", to: ["mount"] }),
      "routes[0].match: `**` must be a whole segment",
      "pattern",
    ],
    [
      "a pattern that climbs",
      withRoute({ match: "db/../x", to: ["mount"] }),
      "routes[0].match: has a character that no name can have there",
      "pattern",
    ],
    [
      "a regular expression",
      { ...base, allow: ["db/[a-z]+"] },
      "allow[0]: has a character that no name can have there",
      "pattern",
    ],
    ["an endless pattern", { ...base, allow: ["a".repeat(254)] }, "allow[0]: is longer than any name", "pattern"],
    [
      "a binding of a bad name",
      withBinding("a//b", { provider: "mount", path: "p" }),
      'bindings["a//b"]: is not a usable key: The name is malformed at position 2',
      "name",
    ],
    [
      "a binding without a path",
      withBinding("a", { provider: "mount" }),
      "bindings.a.path: is required: text",
      "invalid",
    ],
    [
      "a mistyped key of a binding",
      withBinding("a", { provider: "mount", path: "p", selct: "x" }),
      "bindings.a.selct: is not a known key; did you mean select?",
      "unknown-key",
    ],
    [
      "a selector with a bad escape",
      withBinding("a", { provider: "mount", path: "p", select: "/a~2" }),
      "bindings.a.select: The selector holds",
      "name",
    ],
    [
      "a selector that is a number",
      withBinding("a", { provider: "mount", path: "p", select: 5 }),
      "bindings.a.select: must be text",
      "name",
    ],
    [
      "a composite of nothing",
      withBinding("a", { fields: {} }),
      "bindings.a.fields: must list at least one field",
      "invalid",
    ],
    [
      "a field without a provider",
      withBinding("a", { fields: { b: { path: "p" } } }),
      "bindings.a.fields.b.provider: is required: text",
      "invalid",
    ],
    ["an unknown policy", { ...base, onDenied: "ignore" }, 'onDenied: must be "keep" or "throw"', "invalid"],
    [
      "a variable that is not set",
      { ...base, cache: { ttl: { $env: "ABSENT" } } },
      "cache.ttl: the variable that `$env` names is not set",
      "unresolved",
    ],
    [
      "an inherited variable",
      { ...base, cache: { ttl: { $env: "toString" } } },
      "cache.ttl: the variable that `$env` names is not set",
      "unresolved",
    ],
    [
      "an empty variable",
      { ...base, onDenied: { $env: "EMPTY" } },
      "onDenied: the variable that `$env` names is empty",
      "unresolved",
    ],
    [
      "a file that is not there",
      { ...base, onDenied: { $file: "/absent/x" } },
      "onDenied: the file that `$file` names does not exist",
      "unresolved",
    ],
    [
      "a directory as a file",
      { ...base, onDenied: { $file: tmpdir() } },
      "onDenied: the file that `$file` names is not a regular file",
      "unresolved",
    ],
    [
      "a path that no system takes",
      { ...base, onDenied: { $file: "a\0b" } },
      "onDenied: the file that `$file` names could not be read",
      "unresolved",
    ],
    [
      "another secret outside a credential",
      { ...base, onDenied: { $secret: "db/x" } },
      "onDenied: `$secret` cannot be used here",
      "secret-source",
    ],
    [
      "a source with two keys",
      { ...base, onDenied: { $env: "A", $file: "/b" } },
      "onDenied: is not a source",
      "source",
    ],
    ["a source that is a number", { ...base, onDenied: { $env: 5 } }, "onDenied: is not a source", "source"],
    [
      "a variable that is no number",
      { ...base, cache: { maxEntries: { $env: "POLL" } } },
      "cache.maxEntries: must be a number, not text",
      "invalid",
    ],
    [
      "a polluting key",
      JSON.parse('{"__proto__":{"polluted":1},"providers":{}}'),
      "__proto__: is not a known key",
      "unknown-key",
    ],
    [
      "a polluting provider",
      JSON.parse('{"providers":{"__proto__":{"use":"env"}}}'),
      "providers.__proto__: is not a known key",
      "unknown-key",
    ],
    [
      "a polluting option",
      JSON.parse('{"providers":{"a":{"use":"env","__proto__":{"x":1}}}}'),
      "providers.a.__proto__: is not a known key",
      "unknown-key",
    ],
    ["an inherited top-level key", { ...base, constructor: 1 }, "constructor: is not a known key", "unknown-key"],
    [
      "a date where text belongs",
      withBinding("a", { provider: "mount", path: new Date(0) }),
      "bindings.a.path: must be text, not an object",
      "invalid",
    ],
  ])("is refused for %s", async (_title, document, message, reason) => {
    const { errors = [], ...error } = await refusalOf(document);
    expect(errors.map((one) => one.message)).toEqual([expect.stringContaining(message)]);
    expect(errors[0]).toMatchObject({ code: "INVALID_CONFIG", reason, retryable: false });
    expect(error).toMatchObject({ reason });
    expect({}).not.toHaveProperty("polluted");
  });

  test("is told everything that is wrong with it at once", async () => {
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
    expect(message.split("\n")).toHaveLength(52);
  });

  test("is refused when it contains itself, or is deeper than any document", async () => {
    const cyclic: Record<string, unknown> = { use: "file" };
    cyclic.self = { cyclic };
    const deep = JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`) as object;
    for (const root of [cyclic, deep]) {
      const { errors = [] } = await refusalOf({ providers: { mount: { use: "file", root } } });
      expect(errors).toMatchObject([{ reason: "too-large" }]);
    }
  });

  test("is refused when one of its files is not text", async () => {
    const { errors = [] } = await refusalOf({ ...base, onDenied: { $file: join(directory, "not-text") } });
    expect(errors).toMatchObject([{ reason: "unresolved", message: expect.stringContaining("not UTF-8 text") }]);
  });
});
