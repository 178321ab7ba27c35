import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../../src/redact/redactor.ts";
import { runsOf } from "../seeds.ts";
import { filler, secretTexts, type Text, texts, toJsonString, toText, toValue, trees } from "./json-lines.ts";
import { leaksIn } from "./leak-oracle.ts";

/** 1,000 runs of 20 lines in all: a redactor is made once a run. */
const linesPerRun = 20;

function redactorOf(secrets: readonly string[]): Redactor {
  const redactor = createRedactor();
  for (const [index, secret] of secrets.entries()) redactor.register(secret, { name: `s${index}` });
  return redactor;
}

const marker = (index: number): string => `[REDACTED:s${index}]`;

/** Secrets that stand side by side may be one range, so their markers count as one. */
function collapsed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/(?:\[REDACTED(?::s\d)?\])+/g, "[REDACTED]"));
}

/** Tens of thousands of lines take half a minute of a machine that is busy. */
const thorough = 180_000;

/** What must hold of every line, whatever is in it. */
function checked(redactor: Redactor, line: string, secrets: readonly string[]): unknown {
  const redacted = redactor.redactJson(line);
  const parsed: unknown = JSON.parse(redacted);
  expect(leaksIn(redacted, secrets)).toEqual([]);
  expect(redactor.redactJson(redacted)).toBe(redacted);
  return parsed;
}

describe("a line of JSON", () => {
  test("stays one, without the secrets in it and with all else as it was", { timeout: thorough }, () => {
    const runs = secretTexts.chain((secrets) =>
      fc.tuple(
        fc.constant(secrets),
        fc.array(trees(secrets.length), { minLength: linesPerRun, maxLength: linesPerRun }),
      ),
    );
    fc.assert(
      fc.property(runs, ([secrets, lines]) => {
        const redactor = redactorOf(secrets);
        for (const tree of lines) {
          const line = JSON.stringify({ level: 30, value: toValue(tree, (index) => secrets[index] ?? "") });
          const expected = { level: 30, value: toValue(tree, marker) };
          expect(collapsed(checked(redactor, line, secrets))).toEqual(collapsed(expected));
        }
      }),
      { numRuns: runsOf(350) },
    );
  });

  test("may write its characters in any way that JSON has", { timeout: thorough }, () => {
    const runs = secretTexts.chain((secrets) =>
      fc.tuple(
        fc.constant(secrets),
        fc.array(fc.tuple(texts(secrets.length), fc.array(fc.nat(4), { minLength: 1, maxLength: 40 })), {
          minLength: linesPerRun,
          maxLength: linesPerRun,
        }),
      ),
    );
    fc.assert(
      fc.property(runs, ([secrets, lines]) => {
        const redactor = redactorOf(secrets);
        for (const [text, choices] of lines) {
          const message = toText(text, (index) => secrets[index] ?? "");
          const line = `{"level":30,"msg":${toJsonString(message, choices)}}`;
          expect(collapsed(checked(redactor, line, secrets))).toEqual(
            collapsed({ level: 30, msg: toText(text, marker) }),
          );
        }
      }),
      { numRuns: runsOf(200) },
    );
  });

  test("may hold other encodings, with a leaf beside that stays as it is", { timeout: thorough }, () => {
    const encodings: readonly ((text: string) => string)[] = [
      (text) => JSON.stringify({ text }),
      (text) => JSON.stringify(JSON.stringify({ text })),
      (text) => Buffer.from(text).toString("base64"),
      (text) => Buffer.from(text).toString("base64url"),
      (text) => Buffer.from(text).toString("hex"),
      (text) => encodeURIComponent(text.toWellFormed()),
      (text) => JSON.stringify(Buffer.from(text)),
      (text) => JSON.stringify({ url: encodeURIComponent(encodeURIComponent(text.toWellFormed())) }),
    ];
    const encoded = (secrets: number) =>
      fc.tuple(fc.nat(encodings.length - 1), filler, fc.nat(secrets - 1), filler, filler);
    const runs = secretTexts.chain((secrets) =>
      fc.tuple(
        fc.constant(secrets),
        fc.array(encoded(secrets.length), { minLength: linesPerRun, maxLength: linesPerRun }),
      ),
    );
    fc.assert(
      fc.property(runs, ([secrets, lines]) => {
        const redactor = redactorOf(secrets);
        for (const [way, before, index, after, beside] of lines) {
          const msg = encodings[way]?.(`${before}${secrets[index]}${after}`);
          const line = JSON.stringify({ level: 30, msg: `sent ${msg} now`, beside });
          expect(checked(redactor, line, secrets)).toMatchObject({ level: 30, beside });
        }
      }),
      { numRuns: runsOf(200) },
    );
  });

  test("shows no number that is a secret, or of which one is a part", () => {
    const digits = fc.stringMatching(/^[1-9]\d{11,14}$/).filter((text) => new Set(text).size > 2);
    const lines = fc.array(fc.tuple(fc.constantFrom("", "-", "1", "2."), filler, fc.integer()), {
      minLength: linesPerRun,
      maxLength: linesPerRun,
    });
    fc.assert(
      fc.property(digits, lines, (secret, all) => {
        const redactor = redactorOf([secret]);
        for (const [before, text, other] of all) {
          const line = `{"id":${before}${secret},"list":[${secret},${other}],"${secret}":null,"msg":${JSON.stringify(text + secret)}}`;
          expect(checked(redactor, line, [secret])).toEqual({
            id: marker(0),
            list: [marker(0), other],
            [marker(0)]: null,
            msg: text + marker(0),
          });
        }
      }),
      { numRuns: runsOf(100) },
    );
  });
});

describe("what looks like JSON itself", () => {
  test("is masked where a secret begins within an escape, or ends in one", () => {
    const start = fc.constantFrom("n", "t", "r", "b", "f", "u0041", "/", "\\");
    const runs = fc.tuple(
      start,
      fc.stringMatching(/^[a-m0-9]{12,20}$/).filter((text) => new Set(text).size > 2),
      fc.constantFrom("", "\\", "\\u00"),
      fc.array(fc.tuple(filler, fc.constantFrom("n", '"', "e9", "\\")), {
        minLength: linesPerRun,
        maxLength: linesPerRun,
      }),
    );
    fc.assert(
      fc.property(runs, ([first, body, last, lines]) => {
        const secret = first + body + last;
        const redactor = redactorOf([secret]);
        for (const [text, next] of lines) {
          // a backslash before the secret, and what makes an escape of its end
          const after = last === "" ? "" : last === "\\" ? next.replace("e9", "n") : "e9";
          const line = `{"a":${JSON.stringify(text)},"msg":"\\${secret}${after}","z":${JSON.stringify(text)}}`;
          JSON.parse(line);
          expect(checked(redactor, line, [secret])).toMatchObject({ a: text, z: text });
        }
      }),
      { numRuns: runsOf(50) },
    );
  });

  test("is a document whose leaves are masked when it is logged as an object, as a string, or in parts", () => {
    const leaf = fc.stringMatching(/^[a-m]{4}[a-m0-9"\\/ ]{8,16}[a-m]{4}$/);
    const documents = fc.record({
      user: fc.constantFrom("app", "root"),
      port: fc.nat(65_535),
      password: leaf,
      keys: fc.tuple(leaf, leaf),
    });
    const runs = fc.tuple(documents, fc.array(filler, { minLength: linesPerRun, maxLength: linesPerRun }));
    fc.assert(
      fc.property(runs, ([document, lines]) => {
        const redactor = redactorOf([JSON.stringify(document)]);
        const leaves = [document.password, ...document.keys];
        const whole = { config: document, text: JSON.stringify(document), part: `pw ${document.password}` };
        for (const text of lines) {
          const parsed = checked(redactor, JSON.stringify({ ...whole, beside: text }), leaves);
          // the leaves that are no secrets on their own stand
          expect(parsed).toMatchObject({ config: { port: document.port, user: document.user }, beside: text });
        }
      }),
      { numRuns: runsOf(50) },
    );
  });
});

describe("several lines, or none", () => {
  test("stay as many lines, and text that is no JSON is masked as text", { timeout: thorough }, () => {
    const runs = secretTexts.chain((secrets) =>
      fc.tuple(fc.constant(secrets), fc.array(texts(secrets.length), { minLength: 40, maxLength: 40 })),
    );
    fc.assert(
      fc.property(runs, ([secrets, all]) => {
        const redactor = redactorOf(secrets);
        const fill = (index: number): string => secrets[index] ?? "";
        const lines = all.map((text: Text) => `${JSON.stringify({ msg: toText(text, fill) })}\n`);
        const redacted = redactor.redactJson(lines.join(""));
        expect(redacted).toBe(lines.map((line) => redactor.redactJson(line)).join(""));
        const plain = redactor.redactJson(`no JSON: ${toText(all[0] ?? [], fill)} {"`);
        expect(leaksIn(redacted + plain, secrets)).toEqual([]);
      }),
      { numRuns: runsOf(50) },
    );
  });
});
