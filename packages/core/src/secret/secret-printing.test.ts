import assert from "node:assert";
import { Console } from "node:console";
import { Writable } from "node:stream";
import util from "node:util";
import v8 from "node:v8";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { privateBytes } from "../contract/content.ts";
import { markerOf } from "./marker.ts";
import { type Secret, type SecretFacts, SnapshotSecret } from "./secret.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db/primary]";
const facts: SecretFacts = { version: "v1", fetchedAt: 0, provider: "mount", fallback: false };
const silent = { onReveal: () => undefined };
const raw = privateBytes(Buffer.from(value));

/** Revealed or not, of every kind: what is memoised must not show either. */
function secrets(): Array<[string, Secret<unknown>]> {
  const revealed = new SnapshotSecret<string>("db/primary", facts, { kind: "text", bytes: raw }, silent);
  revealed.reveal();
  const structured = new SnapshotSecret("db/primary", facts, { kind: "value", value: { [value]: [value] } }, silent);
  structured.reveal();
  return [
    ["text", new SnapshotSecret<string>("db/primary", facts, { kind: "text", bytes: raw }, silent)],
    ["revealed text", revealed],
    ["bytes", new SnapshotSecret<Uint8Array>("db/primary", facts, { kind: "bytes", bytes: raw }, silent)],
    ["structured", structured],
  ];
}

function consoleOutput(use: (console: Console) => void): string {
  const chunks: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  use(new Console({ stdout: sink, stderr: sink }));
  return chunks.join("");
}

function assertionMessage(compare: () => void): string {
  try {
    compare();
  } catch (error) {
    return util.inspect(error, { depth: 10, showHidden: true });
  }
  return "";
}

function posted(secret: unknown): string {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(secret);
  const received: unknown = receiveMessageOnPort(port2)?.message;
  port1.close();
  return util.inspect(received, { showHidden: true });
}

class Holder {
  readonly inside: unknown;
  constructor(inside: unknown) {
    this.inside = inside;
  }
}

type Channel = (secret: Secret<unknown>) => string;

/** These print the marker. */
const marked: Record<string, Channel> = {
  "template literal": (s) => `${s}`,
  concatenation: (s) => `${"a"}`.concat(s as never),
  "plus operator": (s) => ["a", s].reduce((all, part) => (all as string) + (part as string)) as string,
  "String()": (s) => String(s),
  "toString()": (s) => s.toString(),
  "toLocaleString()": (s) => (s as object).toLocaleString(),
  "array join": (s) => [s].join(),
  "JSON.stringify": (s) => JSON.stringify({ nested: [s] }),
  "property key": (s) => Object.keys({ [s as never]: 1 })[0] ?? "",
  "util.inspect": (s) => util.inspect(s),
  "util.inspect nested": (s) => util.inspect(new Map([[s, { a: new Holder([s]) }]]), { depth: 10, showHidden: true }),
  "util.inspect showHidden": (s) => util.inspect(s, { showHidden: true, showProxy: true, getters: true }),
  "util.format %s": (s) => util.format("%s", s),
  "util.format %j": (s) => util.format("%j", s),
  "util.format %o": (s) => util.format("%o", s),
  "util.format %O": (s) => util.format("%O", s),
  "console.log": (s) => consoleOutput((console) => console.log(s)),
  "console.table": (s) => consoleOutput((console) => console.table([[s]])),
  "error message": (s) => new Error(`failed with ${s}`).message,
  "error stack": (s) => String(new Error(s as never).stack),
  "error property": (s) => util.inspect(Object.assign(new Error("x"), { secret: s })),
  "error cause": (s) => util.inspect(new Error("x", { cause: s })),
  AggregateError: (s) => util.inspect(new AggregateError([s])),
  symbol: (s) => Symbol(s as never).toString(),
  "search params": (s) => decodeURIComponent(new URLSearchParams({ a: s as never }).toString()),
  "invalid URL": (s) => assertionMessage(() => new URL(s as never)),
  btoa: (s) => atob(btoa(s as never)),
  "assert.equal": (s) => assertionMessage(() => assert.equal({ a: s }.a.toString(), "other")),
};

/** These show nothing at all, or an empty object. */
const empty: Record<string, Channel> = {
  "util.inspect without customInspect": (s) =>
    util.inspect(s, { customInspect: false, showHidden: true, getters: true }),
  "util.format %d": (s) => util.format("%d %i %f", s, s, s),
  "console.dir": (s) => consoleOutput((console) => console.dir(s, { showHidden: true, customInspect: false } as never)),
  "unary plus": (s) => String(+(s as never)),
  "own names": (s) => Reflect.ownKeys(s).map(String).join(),
  entries: (s) => JSON.stringify([Object.entries(s), Object.values(s)]),
  spread: (s) => util.inspect({ ...s }, { showHidden: true }),
  "Object.assign": (s) => util.inspect(Object.assign({}, s), { showHidden: true }),
  "for in": (s) => {
    const seen: string[] = [];
    for (const key in s) seen.push(key, String(s[key as never]));
    return seen.join();
  },
  structuredClone: (s) => util.inspect(structuredClone(s), { showHidden: true }),
  postMessage: posted,
  "v8.serialize": (s) => v8.serialize(s).toString("latin1"),
  "assert.deepEqual": (s) => assertionMessage(() => assert.deepEqual({ a: s }, { a: "other" })),
  "assert.strictEqual": (s) => assertionMessage(() => assert.strictEqual(s, "other" as never)),
  "vitest diff": (s) => assertionMessage(() => expect({ a: s }).toEqual({ a: 1 })),
};

describe.each(secrets().map(([kind]) => kind))("a Secret of %s", (kind) => {
  const secretOf = (): Secret<unknown> => new Map(secrets()).get(kind) as Secret<unknown>;

  test.each(Object.entries(marked))("shows its marker by %s", (_, channel) => {
    const output = channel(secretOf());
    expect(output).toContain(marker);
    expect(output).not.toContain("s3cret");
  });

  test.each(Object.entries(empty))("shows no value by %s", (_, channel) => {
    expect(channel(secretOf())).not.toMatch(/s3cret|115,\s*51|7333/);
  });

  test("is its marker in a snapshot", () => {
    expect({ secret: secretOf() }).toMatchInlineSnapshot(`
      {
        "secret": "[REDACTED:db/primary]",
      }
    `);
  });

  test("clones to an object with its reference and version alone", () => {
    expect(Reflect.ownKeys(structuredClone(secretOf()) as object)).toEqual(["reference", "version"]);
    expect(Reflect.ownKeys(v8.deserialize(v8.serialize(secretOf())) as object)).toEqual(["reference", "version"]);
  });
});

test("every channel is able to show a plain string, so the tests above can fail", () => {
  const silentByNature = ["unary plus", "util.format %d", "toString()", "own names"];
  for (const [name, channel] of Object.entries({ ...marked, ...empty })) {
    if (silentByNature.includes(name)) continue;
    const holder = Object.assign([value], { toString: () => value }) as never;
    const plain = ["for in", "entries", "spread", "Object.assign", "console.table"].includes(name)
      ? holder
      : (value as never);
    expect(channel(plain), name).toContain("s3cret");
  }
});

test.each([
  ["db/primary@previous#tls.crt", "[REDACTED:db/primary@previous#tls.crt]"],
  ['a"b\\c%d&e\n\u001b[31m<f>é', "[REDACTED:a_b_c_d_e___31m_f__]"],
  ["x".repeat(300), `[REDACTED:${"x".repeat(64)}]`],
])("the marker of %j is %j", (name, expected) => {
  expect(markerOf(name)).toBe(expected);
});
