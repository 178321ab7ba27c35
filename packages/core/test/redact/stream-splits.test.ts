import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../../src/redact/redactor.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { runsOf } from "../seeds.ts";
import { leaksIn } from "./leak-oracle.ts";
import { newPrivateKey } from "./secret-kinds.ts";
import { collector, split, throughTransform, throughWritable } from "./split-text.ts";

/** Overlapping each other, one the beginning of another, overlapping itself, several bytes a character, several lines. */
const secrets = [
  "tok_A1b2C3d4E5f6G7h8s",
  "sk_live_s3cret-fixture",
  "sk_live_s3cret-fixture-longer",
  "abcdefgh12",
  "cdefgh1234",
  "secretsecrex",
  "abcabcabcabc",
  "pässwört-日本-😀-e\u0301",
  'quote"back\\slash',
  newPrivateKey("sec1"),
];
/** What a stream can know at once. The longest of these sets the hold-back, so a run takes a few of them only. */
const redactors = [secrets, secrets.slice(0, 6), secrets.slice(4, 9), secrets.slice(9)].map((known) => ({
  known,
  redactor: redactorOf(known),
}));

function redactorOf(known: readonly string[]): Redactor {
  const redactor = createRedactor();
  for (const [index, secret] of known.entries()) redactor.register(secret, { name: `s${index}` });
  return redactor;
}

const writings: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => secret,
  (secret) => JSON.stringify(secret),
  (secret) => JSON.stringify(JSON.stringify({ secret })),
  (secret) => Buffer.from(secret).toString("base64"),
  (secret) => Buffer.from(`app:${secret}`).toString("base64"),
  (secret) => Buffer.from(secret).toString("hex"),
  (secret) => encodeURIComponent(secret),
];

const known = fc.constantFrom(...redactors);
const cuts = fc.array(fc.nat(2_000), { maxLength: 12 });
const fillers = fc.constantFrom(
  "",
  " ",
  "\n",
  "x",
  "s",
  "tok_",
  "sk_live_",
  "secre",
  "aab",
  "😀",
  '{"a":"',
  "text ",
  "%",
);

/** A text with secrets in it, in some writing. */
const cases = known.chain((set) => {
  const secret = fc.tuple(fc.constantFrom(...set.known), fc.constantFrom(...writings));
  const parts = fc.array(
    fc.oneof(
      fillers,
      secret.map(([value, write]) => write(value)),
    ),
    { minLength: 1, maxLength: 6 },
  );
  return fc.record({ set: fc.constant(set), text: parts.map((all) => all.join("")), cuts });
});

/**
 * Escapes and line breaks let a value be found across quotes and blanks of the whole text, of which a stream has passed on
 * what is long past. So there it may differ, in what is no value; but it keeps the text between its markers, in order.
 */
function expectSame(out: string, { redactor, text }: { readonly redactor: Redactor; readonly text: string }): void {
  if (!/[\\%&\n]/.test(text)) return expect(out).toBe(redactor.redact(text));
  let from = 0;
  for (const stretch of out.split(/\[REDACTED:s\d\]/)) {
    const at = text.indexOf(stretch, from);
    expect(at, `${out} from ${text}`).toBeGreaterThanOrEqual(from);
    from = at + stretch.length;
  }
}

describe("a stream that is cut anywhere", () => {
  test.each(["strings", "bytes"] as const)("gives what the whole would, through transform() as %s", async (as) => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ set: { redactor, known }, text, cuts }) => {
        const out = await throughTransform(redactor, split(text, cuts, as));
        expect(leaksIn(`${out}\n${redactor.redact(text)}`, known)).toEqual([]);
        expectSame(out, { redactor, text });
      }),
      { numRuns: runsOf(1_000) },
    );
  });

  test("gives what the whole would, through writable()", async () => {
    await fc.assert(
      fc.asyncProperty(
        cases,
        fc.constantFrom("strings" as const, "bytes" as const),
        async ({ set: { redactor, known }, text, cuts }, as) => {
          const out = await throughWritable(redactor, split(text, cuts, as));
          expect(leaksIn(`${out}\n${redactor.redact(text)}`, known)).toEqual([]);
          expectSame(out, { redactor, text });
        },
      ),
      { numRuns: runsOf(1_000) },
    );
  });

  test.each([
    ["that ends with the beginning of another", ["tok_A1b2C3d4E5f6G7h8s", "k_live_"], "[REDACTED:s0]k_live_"],
    ["that overlaps itself", ["abcabcabca", "bcabc"], "[REDACTED:s6]"],
    ["whose failed match begins it anew", ["secretsecre", "tsecretsecrex"], "secretsecret[REDACTED:s5]"],
    ["that is the beginning of another", ["sk_live_s3cret-fixture", " long"], "[REDACTED:s1] long"],
    ["that another goes on with", ["sk_live_s3cret-fixture", "-longer"], "[REDACTED:s2]"],
    ["that another overlaps", ["x abcdefgh1", "2", "34 y"], "x [REDACTED:s3] y"],
    ["one character a chunk", [..."x secretsecrex abcdefgh12"], "x [REDACTED:s5] [REDACTED:s3]"],
  ])("masks a value %s", async (_, chunks, expected) => {
    const redactor = redactorOf(secrets);
    expect(redactor.redact(chunks.join(""))).toBe(expected);
    expect(await throughTransform(redactor, chunks)).toBe(expected);
    expect(await throughWritable(redactor, chunks)).toBe(expected);
  });

  test("keeps text that holds nothing, byte by byte", async () => {
    const { redactor } = redactors[0] ?? { redactor: redactorOf(secrets) };
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (text) => {
        const plain = text.toWellFormed();
        const bytes = [...Buffer.from(plain)].map((byte) => Buffer.of(byte));
        expect(await throughTransform(redactor, bytes)).toBe(plain);
        expect(await throughWritable(redactor, bytes)).toBe(plain);
      }),
      { numRuns: runsOf(100) },
    );
  });

  test("masks 1 MB in chunks of 64 KiB, with values on the borders", async () => {
    const { redactor, known } = redactors[0] ?? { redactor: redactorOf(secrets), known: secrets };
    const size = 65_536;
    const chunks: string[] = [];
    let rest = "";
    for (const [index, secret] of [...secrets, ...secrets].entries()) {
      const text = rest + "lorem ipsum ".repeat(6_000).slice(0, size - rest.length - index - 1);
      chunks.push(text + secret.slice(0, index + 1));
      rest = secret.slice(index + 1);
    }
    chunks.push(rest);
    const whole = redactor.redact(chunks.join(""));
    expect(leaksIn(whole.replaceAll("lorem ipsum ", ""), known)).toEqual([]);
    expect((await throughTransform(redactor, chunks)) === whole).toBe(true);
  });
});

describe("what is held back", () => {
  const value = "tok_A1b2C3d4E5f6G7h8s";
  test.each([
    ["too short to tell what it is, as it is after 100 ms", 5, undefined, 100, "tok_A"],
    ["too short to tell what it is, as it is after hold", 5, 2_000, 2_000, "tok_A"],
    ["telling, masked after hold", 12, 2_000, 2_000, "[REDACTED:n]"],
  ])("is passed on when %s, and the rest of the value is masked", async (_, length, hold, after, beginning) => {
    const clock = manualClock();
    const redactor = createRedactor({ clock });
    redactor.register(value, { name: "n" });
    const stream = redactor.transform({ hold });
    let out = "";
    stream.on("data", (chunk) => {
      out += String(chunk);
    });
    stream.write(`login as ${value.slice(0, length)}`);
    await clock.advance(after - 1);
    expect(out).toBe("login as ");
    await clock.advance(1);
    expect(out).toBe(`login as ${beginning}`);
    stream.write(`${value.slice(length)} done`);
    stream.end();
    await once(stream, "end");
    expect(out.replaceAll("[REDACTED:n][REDACTED:n]", "[REDACTED:n]")).toBe(
      `login as ${beginning.replace("[REDACTED:n]", "")}[REDACTED:n] done`,
    );
    expect(clock.armed).toBe(0);
  });

  test.each([
    ["letters", "a"],
    ["dashes", "-"],
    ["beginnings of a value", "tok_A1b2C3d4E5f6G7h "],
    ["beginnings of a key", "-----BEGIN EC PRIVATE KEY-----\n"],
    ["bytes as numbers", "115,"],
    ["bytes in hex", "73 65 "],
    ["base64", "c2VjcmV0c2Vj"],
    ["escapes", "\\\\u0073%25"],
  ])("is never more than 70,000 characters of endless %s", (_, text) => {
    const stream = redactorOf(secrets).transform();
    const chunk = text.repeat(Math.ceil(1_024 / text.length));
    let held = 0;
    stream.on("data", (out) => {
      held -= String(out).length;
    });
    for (let count = 0; count < 100; count += 1) {
      held += chunk.length;
      stream.write(chunk);
      // what flows is read in the same turn
      for (let out = stream.read() as unknown; out !== null; out = stream.read()) held -= String(out).length;
      expect(held).toBeLessThan(70_000);
    }
    stream.destroy();
  });

  test("arms no timer when nothing is, and none that outlives the stream", async () => {
    const clock = manualClock();
    const redactor = createRedactor({ clock });
    redactor.register("tok_A1b2C3d4E5f6G7h8s", { name: "n" });
    for (const stream of [redactor.transform(), redactor.writable(collector())]) {
      stream.write("nothing held\n");
      await clock.flush();
      expect(clock.armed).toBe(0);
      stream.write("tok_A1b2");
      await clock.flush();
      expect(clock.armed).toBe(1);
      stream.destroy();
      await clock.flush();
      expect(clock.armed).toBe(0);
    }
  });
});

describe("a line that ends with a newline", () => {
  test("is passed on at once, when no value goes on over a newline", async () => {
    const redactor = redactorOf(secrets.slice(0, 9));
    const destination = collector();
    const stream = redactor.writable(destination);
    await new Promise((resolve) => stream.write("secretsecrex and text\n", resolve));
    expect(destination.text()).toBe("[REDACTED:s5] and text\n");
    stream.destroy();
  });
});
