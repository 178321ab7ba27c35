import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor, type RedactorWarning } from "../../src/redact/redactor.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { leakIn, leaksIn } from "./leak-oracle.ts";
import { newPrivateKey } from "./secret-kinds.ts";

const value = "s3cret-fixture-1 ü";
const pem = newPrivateKey("sec1");

function redactorOf(values: Readonly<Record<string, string>>, mask?: "always"): Redactor {
  const redactor = createRedactor();
  for (const [name, registered] of Object.entries(values)) redactor.register(registered, { name, mask });
  return redactor;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("base64", () => {
  test.each(["", "a", "ab", "abc"].flatMap((before) => ["", "z", "zz", "zzz"].map((after) => [before, after])))(
    "of a value between %j and %j keeps no character of it, and no = that tells its length",
    (before, after) => {
      const { redact } = redactorOf({ n: value });
      const redacted = redact(`Basic ${base64(before + value + after)} end`);
      expect(leakIn(redacted, value)).toBeUndefined();
      // what is left beside the marker is at most the characters that hold bits of the text around alone
      const left = /^Basic (.*)\[REDACTED:n\](.*) end$/.exec(redacted)?.slice(1);
      expect(base64(before).startsWith(left?.[0] ?? "none")).toBe(true);
      expect(left?.[1]).not.toMatch(/^=/);
      expect(left?.[1]?.replaceAll("=", "").length).toBeLessThanOrEqual(Math.floor((after.length * 8) / 6));
    },
  );

  test("keeps a line of JSON valid, at any alignment", () => {
    const { redactJson } = redactorOf({ n: value });
    for (const before of ["", "a", "ab"]) {
      const line = redactJson(JSON.stringify({ auth: base64(`${before}${value}zz`), next: "a==" }));
      expect(JSON.parse(line)).toEqual({ auth: expect.stringContaining("[REDACTED:n]"), next: "a==" });
    }
  });
});

describe("bytes that are printed", () => {
  const long = `${value} ${"0123456789 more of it ".repeat(4)}`;

  test("are masked up to where inspect cuts them", () => {
    const { redact } = redactorOf({ n: long });
    const printed = inspect({ body: Buffer.from(`x ${long} y`), next: 1 });
    expect(printed).toContain("more bytes");
    expect(leakIn(redact(printed), long)).toBeUndefined();
    expect(redact(printed)).toContain("next: 1");
  });

  test("stay JSON where they were JSON", () => {
    const { redactJson } = redactorOf({ n: value });
    const body = Buffer.from(`x ${value} y`);
    for (const printed of [{ body }, { body: new Uint8Array(body) }, { body: [...body] }]) {
      const line = redactJson(JSON.stringify({ a: 1, ...printed, z: [1, 2, 3] }));
      expect(leakIn(line, value)).toBeUndefined();
      expect(JSON.parse(line)).toMatchObject({ a: 1, z: [1, 2, 3] });
    }
  });
});

describe("a PEM", () => {
  const lines = pem.trim().split("\n");
  test.each([
    ["on a single line without breaks", lines.join("")],
    ["with its breaks written as \\n", lines.join("\\n")],
    ["with blanks for breaks", lines.join(" ")],
    ["without its boundary lines", lines.slice(1, -1).join("\n")],
    ["of which one line stands alone", `at line 2: ${lines[2]}`],
    ["indented by tabs in a list", lines.map((line) => `\t- ${line}`).join("\n")],
    ["as an object in an array, inspected", inspect([{ key: pem }])],
    ["in JSON in an inspected object", inspect({ body: JSON.stringify({ key: pem }) })],
  ])("is masked %s", (_, text) => {
    expect(leakIn(redactorOf({ n: pem }).redact(text), pem)).toBeUndefined();
  });

  test.each([
    ["with line ends", pem],
    ["with its line ends written as \\n", lines.join("\\n")],
    ["with blanks for line ends", lines.join(" ")],
    ["behind other lines", `Bag Attributes\n    localKeyID: 01\n${pem}`],
  ])("is looked for line by line when it was given %s", (_, given) => {
    const { redact } = redactorOf({ n: given });
    for (const line of lines.slice(1, -1)) expect(redact(`at ${line} there`)).toBe("at [REDACTED:n] there");
  });

  test("does not take its boundary lines for itself", () => {
    const text = "expected -----BEGIN EC PRIVATE KEY----- before -----END EC PRIVATE KEY-----";
    expect(redactorOf({ n: pem }).redact(text)).toBe(text);
  });
});

describe("a document and an address", () => {
  const document = { host: "h", password: "p\"a'ss\\word-1", nested: { keys: ["another-fixture", "third-fixture-3"] } };
  const leaves = [document.password, ...document.nested.keys];
  test.each([
    ["whole", JSON.stringify(document)],
    ["whole, spaced", JSON.stringify(document, null, 2)],
    ["as a string in JSON", JSON.stringify({ msg: JSON.stringify(document) })],
    ["as an object in JSON", JSON.stringify({ level: 30, document })],
    ["inspected", inspect(document, { depth: null })],
    ["by a leaf alone", `password ${document.password}`],
    ["by another leaf", `key=${document.nested.keys[1]}`],
  ])("a JSON secret is masked %s", (_, text) => {
    const { redact } = redactorOf({ n: JSON.stringify(document) });
    expect(leaksIn(redact(text), leaves)).toEqual([]);
  });

  const dsn = "postgres://app:s3cret%2Ffixture%40one@host.example:5432/db";
  test.each([
    ["whole", `connect ${dsn}`],
    ["by its password as it is written", "password s3cret%2Ffixture%40one"],
    ["by its password decoded", "password s3cret/fixture@one"],
    ["by its user and password in Basic", `Basic ${base64("app:s3cret/fixture@one")}`],
    ["inspected as a URL", inspect(new URL(dsn))],
  ])("a DSN secret is masked %s", (_, text) => {
    expect(leakIn(redactorOf({ n: dsn }).redact(text), "s3cret/fixture@one")).toBeUndefined();
  });

  test("a DSN secret leaves its host and its scheme in other texts", () => {
    const text = "postgres://other@host.example:5432/db refused by host.example";
    expect(redactorOf({ n: dsn }).redact(text)).toBe(text);
  });
});

describe("several values", () => {
  test.each(["abcdefgh1234", "abcdefgh12cdefgh1234", "x\\nabcdefgh12\\ncdefgh1234", base64("abcdefgh1234")])(
    "that overlap are masked as their union in %j",
    (text) => {
      const redacted = redactorOf({ a: "abcdefgh12", b: "cdefgh1234", c: "abcdefgh1" }).redact(text);
      expect(leaksIn(redacted, ["abcdefgh12", "cdefgh1234"])).toEqual([]);
      expect(redacted).not.toMatch(/[a-h]{2}\d|1234/);
    },
  );

  test("that rotate stay masked, and an equal one of another name survives the release", () => {
    const redactor = createRedactor();
    const releases = ["old-value-fixture", "new-value-fixture"].map((text) => redactor.register(text, { name: "n" }));
    const other = redactor.register("old-value-fixture", { name: "m" });
    releases[0]?.();
    expect(redactor.redact("old-value-fixture")).toBe("[REDACTED:m]");
    other();
    for (const text of ["old-value-fixture", "new-value-fixture"]) {
      expect(leakIn(redactor.redact(`x ${text} ${base64(text)}`), text)).toBeUndefined();
    }
  });

  test("that were released are forgotten when their grace ends, not before", async () => {
    const clock = manualClock();
    const redactor = createRedactor({ grace: 60_000, clock });
    redactor.register("old-value-fixture", { name: "n" })();
    redactor.register("new-value-fixture", { name: "n" });
    await clock.advance(59_999);
    expect(redactor.redact("old-value-fixture new-value-fixture")).toBe("[REDACTED:n] [REDACTED:n]");
    await clock.advance(2);
    expect(redactor.redact("old-value-fixture new-value-fixture")).toBe("old-value-fixture [REDACTED:n]");
  });

  test("are masked in the same turn in which they are registered", () => {
    const redactor = createRedactor();
    expect(redactor.redact(value)).toBe(value);
    redactor.register(value, { name: "n" });
    expect(redactor.redact(value)).toBe("[REDACTED:n]");
  });
});

describe("a line of 1 MB", () => {
  const size = 1_048_576;
  const secret = "s3cret-fixture-0123456789-border-value";
  const redactor = redactorOf({ n: secret });
  const borders = [65_536, 131_072, 524_288];
  const offsets = borders.flatMap((border) => Array.from({ length: 81 }, (_, index) => border + index - 60));

  test.each([
    ["as it is", secret],
    ["in base64", base64(secret)],
    ["escaped", '{"k":"s3cret\\u002dfixture-0123456789-border-value"}'],
  ])("shows no value %s at its ends or around the borders of slices", (_, written) => {
    const filler = "lorem ipsum dolor ".repeat(size / 16);
    for (const offset of [0, 1, size - written.length]) {
      const text = filler.slice(0, offset) + written + filler.slice(0, size - offset - written.length);
      expect(redactor.find(text), `at ${offset}`).toEqual(["n"]);
    }
    for (const offset of offsets) {
      const text = filler.slice(0, offset) + written + filler.slice(0, 100);
      expect(redactor.find(text), `at ${offset}`).toEqual(["n"]);
    }
  });
});

describe("text of two bytes a character", () => {
  const secrets = [
    "s3cret-😀-fixture",
    "pa\u0308sswo\u0308rt-fixture",
    "lone\ud83d-fixture-1",
    "日本語のパスワード",
    value,
  ];
  test.each(secrets)("does not hide %j, before, after and in it", (secret) => {
    const { redact, redactJson } = redactorOf({ n: secret });
    for (const around of ["😀", "\u0301", "\ud83d", "日本", "\u{1f468}\u200d", "ÿ"]) {
      expect(redact(`${around}${secret}${around}`)).toBe(`${around}[REDACTED:n]${around}`);
      expect(JSON.parse(redactJson(JSON.stringify({ [around]: around + secret })))).toEqual({
        [around]: `${around}[REDACTED:n]`,
      });
    }
  });

  test("is not taken for a value whose low bytes it has", () => {
    const { redact } = redactorOf({ n: "s3cret-fixture-12345" });
    const text = Array.from("s3cret-fixture-12345", (one) => String.fromCharCode(one.charCodeAt(0) + 0x100)).join("");
    expect(redact(text)).toBe(text);
  });
});

describe("a short or common value", () => {
  test.each(["test", "true", "8080", "postgres", "12345678", "docker"])(
    "%j changes no text, and warns once",
    (short) => {
      const warnings: RedactorWarning[] = [];
      const redactor = createRedactor({ onWarning: (warning) => warnings.push(warning) });
      redactor.register(short, { name: "n" });
      redactor.register(short, { name: "n" });
      const text = `a ${short} in ${base64(short)} and ${Buffer.from(short).toString("hex")}`;
      expect(redactor.redact(text)).toBe(text);
      expect(warnings).toHaveLength(1);
      expect(JSON.stringify(warnings)).not.toMatch(new RegExp(`${short}|${short.length} `));
    },
  );
});

describe("the result", () => {
  test("holds no other value in a marker, and does not change again", () => {
    const redactor = redactorOf({ "db/primary-password": "first-fixture", other: "db/primary-password" });
    const once = redactor.redact(`first-fixture db/primary-password ${base64("first-fixture")}`);
    expect(once).not.toContain("db/primary-password");
    expect(redactor.redact(once)).toBe(once);
    expect(redactor.find(once)).toEqual([]);
  });

  test("is a fixed line when something fails, and nothing is thrown", () => {
    const redactor = redactorOf({ n: value });
    const hostile = {
      toString: () => {
        throw new Error(value);
      },
    } as never;
    const results = [redactor.redact(hostile), redactor.redactJson(hostile), redactor.find(hostile)].map(String);
    expect(leakIn(results.join("\n"), value)).toBeUndefined();
    expect(redactor.deep({ [value]: hostile })).not.toHaveProperty([value]);
  });
});
