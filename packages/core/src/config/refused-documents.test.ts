import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import type { ConfigSource } from "./config-document.ts";
import { loadConfig } from "./load-config.ts";

const context = { env: { POLL: "30s", EMPTY: "" }, adapterNames: ["file", "env", "vault"] };
const base = { providers: { mount: { use: "file", root: "/etc/secrets" } }, routes: [{ match: "**", to: ["mount"] }] };

async function refusalOf(document: object): Promise<SecretError> {
  const error: unknown = await loadConfig(document as ConfigSource, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isSecretError(error, "INVALID_CONFIG")) throw new Error("expected INVALID_CONFIG", { cause: error });
  return error;
}

describe("an invalid document", () => {
  const mount = { use: "file" };
  const withRoute = (route: object): object => ({ ...base, routes: [route] });
  const withBinding = (name: string, binding: unknown): object => ({ ...base, bindings: { [name]: binding } });

  test.each<[string, object, string, string]>([
    ["no providers", {}, "providers: is required and must be an object", "invalid"],
    ["providers as a list", { providers: [] }, "providers: must be an object, not a list", "invalid"],
    [
      "a provider that is text",
      { providers: { mount: "file" } },
      "providers.mount: must be an object, not text",
      "invalid",
    ],
    [
      "a provider without use",
      { providers: { mount: {} } },
      "providers.mount.use: is required and must be text",
      "invalid",
    ],
    ["an empty use", { providers: { mount: { use: "" } } }, "providers.mount.use: must not be empty", "invalid"],
    [
      "a mistyped adapter",
      { providers: { mount: { use: "fiel" } } },
      "providers.mount.use: is not an adapter that the application passed; did you mean file?",
      "unknown-adapter",
    ],
    [
      "a module as adapter",
      { providers: { mount: { use: "./evil.js" } } },
      "providers.mount.use: is not an adapter that the application passed",
      "unknown-adapter",
    ],
    [
      "an inherited adapter",
      { providers: { mount: { use: "constructor" } } },
      "providers.mount.use: is not an adapter that the application passed",
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
      "routes[0].to[0]: is not a provider of this document; did you mean mount?",
      "unknown-provider",
    ],
    [
      "an inherited provider",
      withRoute({ match: "**", to: ["toString"] }),
      "routes[0].to[0]: is not a provider of this document",
      "unknown-provider",
    ],
    [
      "an unknown provider in a binding",
      withBinding("a", { provider: "vault", path: "p" }),
      "bindings.a.provider: is not a provider of this document",
      "unknown-provider",
    ],
    [
      "an unknown provider in a field",
      withBinding("a", { fields: { b: { provider: "muont", path: "p" } } }),
      "bindings.a.fields.b.provider: is not a provider of this document; did you mean mount?",
      "unknown-provider",
    ],
    ["routes as an object", { ...base, routes: { "**": "mount" } }, "routes: must be a list, not an object", "invalid"],
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
      "routes[0].match: has a character that is not allowed there",
      "pattern",
    ],
    [
      "a regular expression",
      { ...base, allow: ["db/[a-z]+"] },
      "allow[0]: has a character that is not allowed there",
      "pattern",
    ],
    ["an endless pattern", { ...base, allow: ["a".repeat(254)] }, "allow[0]: is longer than any name", "pattern"],
    [
      "a binding of a bad name",
      withBinding("a//b", { provider: "mount", path: "p" }),
      'bindings["a//b"]: is not a usable key: the name is malformed at position 2',
      "name",
    ],
    [
      "a binding without a path",
      withBinding("a", { provider: "mount" }),
      "bindings.a.path: is required and must be text",
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
      "bindings.a.select: the selector contains",
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
      "bindings.a.fields.b.provider: is required and must be text",
      "invalid",
    ],
    ["an unknown policy", { ...base, onDenied: "ignore" }, 'onDenied: must be "keep" or "throw"', "invalid"],
    [
      "a variable that is not set",
      { ...base, cache: { ttl: { $env: "ABSENT" } } },
      "cache.ttl: the variable ABSENT that `$env` names is not set",
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
      "onDenied: the variable EMPTY that `$env` names is empty",
      "unresolved",
    ],
    [
      "a file that is not there",
      { ...base, onDenied: { $file: "/absent/x" } },
      "onDenied: the file in `$file` does not exist",
      "unresolved",
    ],
    [
      "a directory as a file",
      { ...base, onDenied: { $file: tmpdir() } },
      "onDenied: the file in `$file` is not a regular file",
      "unresolved",
    ],
    [
      "a path that no system takes",
      { ...base, onDenied: { $file: "a\0b" } },
      "onDenied: the file in `$file` could not be read",
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
});
