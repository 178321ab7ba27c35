import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { isSecretError } from "../error/secret-error.ts";
import type { ConfigSource } from "./config-document.ts";
import { parseJson } from "./json-document.ts";
import { loadConfig } from "./load-config.ts";
import { resolveOptions, validateOptions } from "./provider-options.ts";
import { parseYaml } from "./yaml-document.ts";

// A thousand documents take long on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const context = { env: { HOME: "s3cret-fixture-home" }, adapterNames: ["file", "env"] };
const value = fc.string({ maxLength: 8 }).map((noise) => `s3cret-fixture${noise}`);
const source = fc.record({
  name: fc.constantFrom("$env", "$file", "$secret"),
  of: fc.oneof(value, fc.constant("HOME"), fc.integer()),
});
const leaf = fc.oneof(
  value,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, "file", "mount", "0s", "5m", "**"),
  source.map(({ name, of }) => ({ [name]: of })),
);
const key = fc.oneof(
  fc.constantFrom(
    "providers",
    "routes",
    "bindings",
    "cache",
    "use",
    "to",
    "match",
    "fields",
    "provider",
    "path",
    "select",
    "ttl",
  ),
  fc.constantFrom("__proto__", "constructor", "prototype", "toString", "", "$env", "a//b", "mount", "a/b"),
  fc.string({ maxLength: 5 }),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: "medium" },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    membersOf(tie("tree")),
  ),
}));

/** Creates an object with own members, including `__proto__`, like JSON.parse. */
function membersOf(member: fc.Arbitrary<unknown>): fc.Arbitrary<object> {
  const define = (target: object, [name, found]: [string, unknown]): object =>
    Object.defineProperty(target, name, { value: found, enumerable: true, configurable: true, writable: true });
  return fc.array(fc.tuple(key, member), { maxLength: 6 }).map((members) => members.reduce(define, {}));
}

const plausible = fc.record(
  {
    providers: fc.dictionary(
      fc.constantFrom("mount", "env", "a+b"),
      fc.oneof(fc.record({ use: leaf, optional: leaf, pollInterval: leaf, root: tree }, { requiredKeys: [] }), tree),
    ),
    routes: fc.array(
      fc.oneof(fc.record({ match: leaf, to: fc.array(leaf), fallbackOn: fc.array(leaf) }, { requiredKeys: [] }), tree),
      { maxLength: 3 },
    ),
    bindings: fc.dictionary(
      key,
      fc.oneof(
        fc.record({ provider: leaf, path: leaf, select: leaf }),
        fc.record({ fields: fc.dictionary(key, tree) }),
        tree,
      ),
    ),
    cache: fc.record({ ttl: leaf, maxStale: leaf, maxEntries: leaf }, { requiredKeys: [] }),
    allow: fc.array(leaf, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

/** Runs a function; any error must be a SecretError without the strings of the document. */
async function refuses(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    expect(isSecretError(error, "INVALID_CONFIG")).toBe(true);
    expect(`${inspect(error, { depth: 10 })}${JSON.stringify(error)}`).not.toContain("s3cret-fixture");
    return true;
  } finally {
    expect(Object.keys(Object.prototype)).toEqual([]);
  }
}

test("a hostile document is read or refused, and never quoted", async () => {
  let refused = 0;
  const document = fc.oneof(plausible, membersOf(tree));
  await fc.assert(
    fc.asyncProperty(document, async (hostile) => {
      if (await refuses(() => loadConfig(hostile as ConfigSource, context))) refused += 1;
    }),
    { numRuns: runsOf(1000) },
  );
  expect(refused).toBeGreaterThan(runsOf(1000) / 2);
});

test("hostile options are resolved or refused, and never quoted", async () => {
  const { z } = await import("zod");
  const schema = z.strictObject({
    root: z.string().max(3).optional(),
    use: z.union([z.literal("file"), z.number().int()]).optional(),
    mount: z.record(z.string(), z.boolean()).optional(),
  });
  const adapter = {
    name: "file",
    options: async () => schema,
    open: () => Promise.reject(new Error("never opened here")),
  };
  await fc.assert(
    fc.asyncProperty(membersOf(tree), async (hostile) => {
      await refuses(async () => {
        const resolved = await resolveOptions(hostile as Record<string, unknown>, ["path", "cache.ttl"], {
          env: context.env,
          provider: "p",
        });
        await validateOptions(adapter, resolved, { provider: "p" });
      });
    }),
    { numRuns: runsOf(1000) },
  );
});

test("hostile text is parsed or refused, and never quoted", async () => {
  const pieces = fc.constantFrom(
    "s3cret-fixture",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "&a ",
    "*a",
    "!!x ",
    "<<",
    "? ",
    "|",
    ">",
    "%",
    "#",
    "---\n",
    "\\",
    "\u0000",
    "1",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 30 }), async (parts) => {
      for (const parsed of [parseJson(parts.join("")), await parseYaml(parts.join(""))]) {
        if ("problems" in parsed) {
          const texts = parsed.problems.map(({ message, reason, tip }) => `${message}${reason}${tip}`).join("");
          expect(texts).not.toContain("s3cret-fixture");
        }
      }
    }),
    { numRuns: runsOf(2000) },
  );
});

test("an object whose members throw is refused", async () => {
  const throwing = {
    get providers(): never {
      throw new Error("s3cret-fixture");
    },
  };
  const proxy = {
    providers: new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("s3cret-fixture");
        },
        getPrototypeOf: () => {
          throw new Error("s3cret-fixture");
        },
      },
    ),
  };
  for (const hostile of [throwing, proxy, proxy.providers])
    expect(await refuses(() => loadConfig(hostile as ConfigSource, context))).toBe(true);
});
