import * as v from "valibot";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  bytes,
  createSecrets,
  type Derived,
  declareSecrets,
  json,
  type OpenSecrets,
  object,
  type Secret,
  type SecretChange,
  type SecretsOf,
  type SecretWatch,
  type StrictSecrets,
  text,
  type WatchOf,
} from "../index.ts";
import { mockSecrets } from "../testing/index.ts";

const declared = declareSecrets({
  stripe: { ref: "stripe/key" },
  db: { ref: "db/primary", as: object(["username", "password"]) },
  port: { ref: "db/primary", as: z.object({ port: z.coerce.number() }) },
  flag: { ref: "flag", as: v.object({ on: v.pipe(v.string(), v.toBoolean()) }), optional: true },
  key: { ref: "key", as: bytes(), optional: true },
  blob: { ref: "blob", as: json() },
});
declare const secrets: SecretsOf<typeof declared>;
declare const isProduction: boolean;

describe("reads", () => {
  test("have the type of the declaration's decoder", () => {
    expectTypeOf(secrets.latest("stripe")).toEqualTypeOf<Secret<string>>();
    expectTypeOf(secrets.latest("db").reveal()).toEqualTypeOf<{ username: string; password: string }>();
    expectTypeOf(secrets.latest("port").reveal()).toEqualTypeOf<{ port: number }>();
    expectTypeOf(secrets.latest("blob").reveal()).toEqualTypeOf<unknown>();
    expectTypeOf(secrets.getSecret("db")).resolves.toEqualTypeOf<Secret<{ username: string; password: string }>>();
    expectTypeOf(secrets.accepted("stripe")).toEqualTypeOf<readonly Secret<string>[]>();
  });

  test("include undefined only for an optional secret", () => {
    expectTypeOf(secrets.latest("flag")).toEqualTypeOf<Secret<{ on: boolean }> | undefined>();
    expectTypeOf(secrets.getSecret("key")).resolves.toEqualTypeOf<Secret<Uint8Array> | undefined>();
    // @ts-expect-error it may be undefined
    secrets.latest("flag").reveal();
  });

  test("accept only declared aliases", () => {
    // @ts-expect-error it is not declared
    secrets.latest("other");
    // @ts-expect-error a reference is no alias
    void secrets.getSecret("db/primary");
    // @ts-expect-error a strict client takes no decoder
    void secrets.getSecret("db/primary", text());
    // @ts-expect-error it is not declared
    secrets.watch("other");
  });
});

describe("createSecrets", () => {
  test("is by default strict with declarations, and open without", () => {
    type D = (typeof declared)["declarations"];
    expectTypeOf(createSecrets({ declare: declared })).toEqualTypeOf<StrictSecrets<D>>();
    expectTypeOf(createSecrets({ declare: declared, strict: true })).toEqualTypeOf<StrictSecrets<D>>();
    expectTypeOf(createSecrets({ declare: declared, strict: false })).toEqualTypeOf<OpenSecrets<D>>();
    expectTypeOf(createSecrets({ declare: declared })).toEqualTypeOf<SecretsOf<typeof declared>>();
    const open = createSecrets();
    expectTypeOf(open.getSecret("any/name")).resolves.toEqualTypeOf<Secret<string>>();
    expectTypeOf(open.getSecret("any", v.object({ a: v.string() }))).resolves.toEqualTypeOf<Secret<{ a: string }>>();
    expectTypeOf(open.getSecret("any", bytes(), { timeout: 1 })).resolves.toEqualTypeOf<Secret<Uint8Array>>();
    expectTypeOf(open.watch("any", object(["a"]))).toEqualTypeOf<SecretWatch<{ a: string }>>();
  });

  test("that is open has the types of its aliases", () => {
    const open = createSecrets({ declare: declared, strict: false });
    expectTypeOf(open.getSecret("flag")).resolves.toEqualTypeOf<Secret<{ on: boolean }> | undefined>();
    expectTypeOf(open.getSecret("other/name")).resolves.toEqualTypeOf<Secret<string>>();
  });
});

describe("createSecrets with the declarations themselves", () => {
  const inline = createSecrets({
    declare: {
      stripe: { ref: "stripe/key", accept: (next) => void expectTypeOf(next).toEqualTypeOf<Secret<string>>() },
      db: {
        ref: "db/primary",
        as: object(["username", "password"]),
        accept: async (next, previous, signal) => {
          expectTypeOf(next.reveal()).toEqualTypeOf<{ username: string; password: string }>();
          expectTypeOf(previous).toEqualTypeOf<typeof next | undefined>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          return true;
        },
      },
      flag: { ref: "flag", as: z.object({ on: z.stringbool() }), optional: true },
      port: { ref: "port", as: text(z.coerce.number()), optional: false },
      maybe: { ref: "maybe", optional: isProduction },
    },
    config: { providers: {} },
  });

  test("has the types of aliases, values and optional secrets", () => {
    expectTypeOf(inline.latest("stripe")).toEqualTypeOf<Secret<string>>();
    expectTypeOf(inline.latest("db").reveal()).toEqualTypeOf<{ username: string; password: string }>();
    expectTypeOf(inline.latest("flag")).toEqualTypeOf<Secret<{ on: boolean }> | undefined>();
    expectTypeOf(inline.latest("port")).toEqualTypeOf<Secret<number>>();
    expectTypeOf(inline.latest("maybe")).toEqualTypeOf<Secret<string> | undefined>();
    // @ts-expect-error it is not declared
    inline.latest("other");
    // @ts-expect-error it is strict
    void inline.getSecret("any/name");
  });

  test("is open with `strict: false`", () => {
    const open = createSecrets({ declare: { key: { ref: "key" } }, strict: false });
    expectTypeOf(open.getSecret("key")).resolves.toEqualTypeOf<Secret<string>>();
    expectTypeOf(open.getSecret("any", bytes())).resolves.toEqualTypeOf<Secret<Uint8Array>>();
    expectTypeOf(createSecrets({ declare: {}, strict: true }).latest)
      .parameter(0)
      .toEqualTypeOf<never>();
  });

  test("refuses what no declaration has", () => {
    // @ts-expect-error a text is no number
    createSecrets({ declare: { a: { ref: "a", accept: (next: Secret<number>) => next.reveal() > 1 } } });
    // @ts-expect-error no reference
    createSecrets({ declare: { a: {} } });
    // @ts-expect-error neither of the two
    createSecrets({ declare: { a: { ref: "a", onDelete: "forget" } } });
    // @ts-expect-error no decoder
    createSecrets({ declare: { a: { ref: "a", as: 5 } }, strict: false });
  });

  test("has the compile error at the unknown option", () => {
    createSecrets({
      declare: {
        a: {
          // @ts-expect-error it is called ref
          reference: "a",
        },
      },
    });
    mockSecrets(
      {},
      {
        declare: {
          a: {
            ref: "a",
            // @ts-expect-error it is called optional
            optinal: true,
          },
        },
      },
    );
  });

  test("may have an alias called declarations", () => {
    const secrets = createSecrets({ declare: { declarations: { ref: "a" } } });
    expectTypeOf(secrets.latest("declarations")).toEqualTypeOf<Secret<string>>();
  });

  test("is the same for a mock", () => {
    const mock = mockSecrets(
      {},
      { declare: { key: { ref: "key", as: bytes(), accept: (next) => next.reveal().length > 1 } } },
    );
    expectTypeOf(mock.latest("key")).toEqualTypeOf<Secret<Uint8Array>>();
    // @ts-expect-error no reference
    mockSecrets({}, { declare: { a: {} } });
  });
});

describe("watch", () => {
  test("is typed by its alias, with undefined for an optional one", () => {
    expectTypeOf<WatchOf<typeof declared, "db">>().toEqualTypeOf(secrets.watch("db"));
    expectTypeOf(secrets.watch("db").latest.reveal().username).toEqualTypeOf<string>();
    expectTypeOf(secrets.watch("stripe").ready).resolves.toEqualTypeOf<Secret<string>>();
    expectTypeOf(secrets.watch("flag").latest).toEqualTypeOf<Secret<{ on: boolean }> | undefined>();
    expectTypeOf(secrets.watch("flag").refresh()).resolves.toEqualTypeOf<Secret<{ on: boolean }> | undefined>();
    expectTypeOf(secrets.watch("blob").latest).toEqualTypeOf<Secret<unknown>>();
  });

  test("reports changes with a value, even of an optional secret", () => {
    secrets.watch("flag").on("change", (change) => {
      expectTypeOf(change).toEqualTypeOf<SecretChange<{ on: boolean }>>();
      expectTypeOf(change.previous).toEqualTypeOf<Secret<{ on: boolean }> | undefined>();
    });
    expectTypeOf(secrets.watch("db")[Symbol.asyncIterator]().next()).resolves.toMatchTypeOf<
      IteratorResult<SecretChange<{ username: string; password: string }>>
    >();
  });
});

test("derive is typed by its alias and by the result of `open`", () => {
  const derived = secrets.derive("db", {
    open: async (secret, signal) => {
      expectTypeOf(secret).toEqualTypeOf<Secret<{ username: string; password: string }>>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return new Map<string, number>();
    },
    close: (pool) => expectTypeOf(pool).toEqualTypeOf<Map<string, number>>(),
  });
  expectTypeOf(derived).toEqualTypeOf<Derived<Map<string, number>>>();
  // `open` is called only with a value, even of an optional secret.
  secrets.derive("flag", { open: (secret) => expectTypeOf(secret).toEqualTypeOf<Secret<{ on: boolean }>>() });
});

describe("declareSecrets", () => {
  test("types the parameters of `accept` from `as`, in any order", () => {
    declareSecrets({
      plain: {
        ref: "plain",
        accept: (next, previous) => {
          expectTypeOf(next).toEqualTypeOf<Secret<string>>();
          expectTypeOf(previous).toEqualTypeOf<Secret<string> | undefined>();
          return true;
        },
      },
      before: {
        ref: "pair",
        as: object(["user"]),
        optional: true,
        accept: (next) => void expectTypeOf(next.reveal()).toEqualTypeOf<{ user: string }>(),
      },
      after: {
        ref: "pair",
        accept: async (next, _previous, signal) => {
          expectTypeOf(next.reveal()).toEqualTypeOf<{ port: number }>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          return true;
        },
        as: z.object({ port: z.coerce.number() }),
      },
      method: {
        ref: "blob",
        as: json(v.object({ n: v.number() })),
        accept(next) {
          expectTypeOf(next.reveal()).toEqualTypeOf<{ n: number }>();
        },
      },
      unknown: { ref: "blob", as: json(), accept: (next) => void expectTypeOf(next).toEqualTypeOf<Secret<unknown>>() },
    });
  });

  test("refuses what no declaration has", () => {
    // @ts-expect-error a text is no number
    declareSecrets({ a: { ref: "a", accept: (next: Secret<number>) => next.reveal() > 1 } });
    // @ts-expect-error neither of the two
    declareSecrets({ a: { ref: "a", onDelete: "forget" } });
    // @ts-expect-error no decoder
    declareSecrets({ a: { ref: "a", as: 5 } });
    // @ts-expect-error true or false
    declareSecrets({ a: { ref: "a", optional: "yes" } });
    declareSecrets({ a: { ref: "a", overlap: 900, rotateEvery: "90d" } });
    // @ts-expect-error no unit of a duration
    declareSecrets({ a: { ref: "a", overlap: "15min" } });
    // @ts-expect-error no reference
    declareSecrets({ a: {} });
    // @ts-expect-error no such option
    declareSecrets({ a: { ref: "a", optinal: true } });
    // @ts-expect-error no way to mask
    declareSecrets({ a: { ref: "a", mask: { host: "sometimes" } } });
  });

  test("accepts aliases that are only known at run time", () => {
    const names: string[] = ["a", "b"];
    const many = declareSecrets(Object.fromEntries(names.map((name) => [name, { ref: `app/${name}` }])));
    expectTypeOf(createSecrets({ declare: many }).latest("a")).toEqualTypeOf<Secret<string>>();
  });
});

describe("an inline config document", () => {
  test("is typed, and accepts a source for any scalar and the options of an adapter", () => {
    const secrets = createSecrets({
      config: {
        providers: { mount: { use: "file", root: "/etc/secrets", pollInterval: { $env: "POLL" } } },
        routes: [{ match: "**", to: ["mount"], fallbackOn: ["NOT_FOUND"] }],
        bindings: { "db/primary": { fields: { user: { provider: "mount", path: "DB_USER" } } } },
        cache: { maxStale: "1h" },
        onDenied: "throw",
      },
    });
    expectTypeOf(secrets.getSecret("a")).resolves.toEqualTypeOf<Secret<string>>();
    createSecrets({ config: "tacit.json" });
    createSecrets({ config: new URL("file:///tacit.json") });
  });

  test("with a misspelt key or a wrong value does not compile", () => {
    // @ts-expect-error routes
    createSecrets({ config: { providers: {}, route: [] } });
    // @ts-expect-error match
    createSecrets({ config: { providers: {}, routes: [{ mach: "**", to: ["a"] }] } });
    // @ts-expect-error a list
    createSecrets({ config: { providers: {}, routes: [{ match: "**", to: "a" }] } });
    // @ts-expect-error maxStale
    createSecrets({ config: { providers: {}, cache: { maxstale: "1h" } } });
    // @ts-expect-error keep or throw
    createSecrets({ config: { providers: {}, onDenied: "ignore" } });
    // @ts-expect-error use
    createSecrets({ config: { providers: { a: { root: "/x" } } } });
  });
});
