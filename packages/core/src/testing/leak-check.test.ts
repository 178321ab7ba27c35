import { generateKeyPairSync } from "node:crypto";
import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { leakCheck } from "./leak-check.ts";

const value = 's3cret "fixture" <&> \\ ä+/% 2026';
const { assertNoLeak } = leakCheck([value]);
const bytes = Buffer.from(value);
const html = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const names: Readonly<Record<string, string>> = {
  '"': "quot",
  "<": "lt",
  "&": "amp",
  ">": "gt",
  "\\": "bsol",
  ä: "auml",
  "+": "plus",
  "/": "sol",
  "%": "percnt",
};

const leaks: Readonly<Record<string, unknown>> = {
  "as it is": `token=${value};`,
  "in JSON": JSON.stringify({ a: { b: value } }),
  "in JSON in JSON": JSON.stringify(JSON.stringify({ value })),
  "in base64": `Basic ${bytes.toString("base64")}`,
  "in base64 one byte off": Buffer.concat([Buffer.from("x"), bytes]).toString("base64"),
  "in base64 two bytes off": Buffer.concat([Buffer.from("xy"), bytes, Buffer.from("tail")]).toString("base64"),
  "in base64 lines": (bytes.toString("base64").match(/.{1,20}/g) ?? []).join("\r\n"),
  "in base64url": `eyJ.${bytes.toString("base64url")}.sig`,
  "in hex": `0x${bytes.toString("hex")}`,
  "in upper-case hex": bytes.toString("hex").toUpperCase(),
  "percent-encoded": `https://host/?q=${encodeURIComponent(value)}`,
  "as a form": new URLSearchParams({ q: value }).toString(),
  "in HTML": `<p>${html}</p>`,
  "as a Buffer printed": inspect(bytes),
  "as a list of numbers": JSON.stringify([...bytes]),
  "as a Uint8Array printed": JSON.stringify(new Uint8Array(bytes)),
  "in base64 lines in JSON": JSON.stringify({ body: `x ${bytes.toString("base64").replace(/.{20}/g, "$&\r\n")}` }),
  "in base64 of base64": Buffer.from(bytes.toString("base64")).toString("base64"),
  "in base64 of UTF-16": Buffer.from(`echo ${value}`, "utf16le").toString("base64"),
  "in JSON in base64": Buffer.from(JSON.stringify(JSON.stringify({ value }))).toString("base64"),
  "in JSON three times": JSON.stringify(JSON.stringify(JSON.stringify({ value }))),
  "in JSON for HTML": JSON.stringify(value).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
  "percent-encoded twice": encodeURIComponent(encodeURIComponent(value)),
  "in HTML twice": html.replaceAll("&", "&amp;"),
  "in a URL's user info": Object.assign(new URL("https://u@host"), { password: value }).href,
  "in hex with colons": bytes.toString("hex").replace(/..(?!$)/g, "$&:"),
  "in hex with 0x": bytes.toString("hex").replace(/../g, "0x$&, "),
  "as numbers, one a line": JSON.stringify([...bytes], null, 2),
  "with a break in it": `> ${value.slice(0, 12)}\n    ${value.slice(12)}`,
  "in pieces of a string": `'${value.slice(0, 12)}' +\n  '${value.slice(12).replace("\\", "\\\\")}'`,
  "in the shell": `export A='it'\\''s ${value}'`,
  "in two pieces": ["log: ", value.slice(0, 9), value.slice(9)],
  "in two pieces of bytes": [new Uint8Array(bytes.subarray(0, 9)), bytes.subarray(9)],
  "in an ArrayBuffer": { body: new Uint8Array(bytes).buffer },
  "in a DataView": new DataView(new Uint8Array(bytes).buffer),
  "in bytes": new Uint8Array(Buffer.from(`--${value}--`)),
  "in an error's message": new Error(`failed with ${value}`),
  "in an error's cause": new Error("failed", { cause: { deep: [new Map([["key", value]])] } }),
  "in a hidden member": Object.defineProperty({}, "secret", { value, enumerable: false }),
  "behind a symbol": { [Symbol("secret")]: value },
  "in a set": new Set([{ value }]),
  "with its quotes doubled": `PASSWORD '${value.replaceAll('"', '""')}'`,
  "with a colour in it": `x ${value.slice(0, 9)}\u001b[31m${value.slice(9)}\u001b[39m`,
  "with a space without width in it": `x ${value.slice(0, 9)}\u200b${value.slice(9)}`,
  "with a hyphen that is not shown in it": `x ${value.slice(0, 9)}\u00ad${value.slice(9)}`,
  "marked by grep": `x ${value.slice(0, 9)}\u001b[01;31m\u001b[K${value.slice(9)}\u001b[m\u001b[K`,
  "as numbers in colour": inspect(new Uint8Array(bytes), { colors: true }),
  "as numbers that are inspected as a long text": inspect({ body: JSON.stringify([...bytes], null, 2) }),
  "as a string that was spread": JSON.stringify({ ...[...value], level: "info" }),
  "as a string that was spread, inspected": inspect({ ...[...value] }),
  "as a spread string in JSON in JSON": JSON.stringify({ msg: JSON.stringify({ ...[...value] }) }),
  "as a list of characters": JSON.stringify([...value]),
  "as an object of characters": { ...[...value] },
  "in named references": value.replace(/[^\w\s]/g, (one) => `&${names[one]};`),
  "in base64 of Latin-1": `Basic ${btoa(`app:${value}`)}`,
  "in decomposed letters": value.normalize("NFD"),
  "as printf writes it": value.replaceAll("%", "%%"),
};

const longToken = Array.from({ length: 300 }, (_, index) => `t0k${index * 7_919 + 1_000_000}fixture-x_`).join("");

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

test.each([
  ["a colour", "pa$$word`tick%20-l$ng", "pa$$wor\u001b[31md`tick%20-l$ng"],
  ["a doubled sign", "pa$$word`tick%20-l$ng", "pa$$word`tick%%20-l$ng"],
])("finds a value that has a sign twice itself behind %s", (_, signed, text) => {
  expect(() => leakCheck([signed]).assertNoLeak(text)).toThrow("secret value number 1");
});

describe("finds a value", () => {
  test.each(Object.entries(leaks))("%s", (_, sink) => {
    let message = "";
    try {
      assertNoLeak("clean", sink);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toBe("sink 2 of 2 contains secret value number 1");
  });

  test("in what a stream has buffered", () => {
    const stream = new PassThrough();
    stream.write(`log: ${value}\n`);
    expect(() => assertNoLeak(stream)).toThrow();
  });

  const token = "s3cret-fixtureT0ken_4fQz8Lw2Xb7Kd9Ym";
  const pem = newKey();
  test.each([
    ["20 characters of a token", token, `cut: ${token.slice(7, 27)}...`],
    ["the end of a token", token, `...${token.slice(-20)}`],
    ["the beginning of a token in base64", token, Buffer.from(token.slice(0, 24)).toString("base64")],
    ["a thirtieth of a token of 8 KB", longToken, longToken.slice(3_001, 3_301)],
    ["the password of a URL", `postgres://app:${token}@host/db`, `password ${token.slice(0, 30)}`],
    ["one line of a key", pem, `line 2: ${pem.split("\n")[2]}`],
    ["an indented key", pem, pem.replace(/^/gm, "    ")],
    ["a key inspected", pem, inspect({ key: pem })],
    ["bytes that are no text", Buffer.from([255, 1, 254, 2, 253, 3]), inspect(Buffer.from([255, 1, 254, 2, 253, 3]))],
    ["bytes that are no text in base64", Buffer.from([255, 1, 254, 2, 253, 3]), "x /wH+Av0D y"],
  ])("by %s", (_, long, sink) => {
    expect(() => leakCheck([long]).assertNoLeak(sink)).toThrow();
  });
});

describe("finds nothing", () => {
  test("in clean text, markers, cycles and streams", () => {
    const cycle: Record<string, unknown> = { note: "[REDACTED:db/primary]" };
    cycle.self = cycle;
    const stream = new PassThrough();
    stream.write("nothing here");
    expect(() => assertNoLeak("", 0, null, undefined, cycle, stream, new Error("no"), [], () => 1)).not.toThrow();
  });

  const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmaXh0dXJlIn0.c2lnbmF0dXJlLWZpeHR1cmU";
  test.each([
    ["another key of the same kind", newKey(), newKey()],
    ["the boundary lines of a key", newKey(), "-----BEGIN PRIVATE KEY-----\n[REDACTED:tls]\n-----END PRIVATE KEY-----"],
    ["another web token with the same header", jwt, jwt.replace(/[^.]*$/, "b3RoZXItc2lnbmF0dXJl")],
    [
      "another URL of the same host",
      "postgres://app:s3cret-fixture@db.example/a",
      "postgres://[REDACTED]@db.example/a",
    ],
    ["a document with the same members", '{"username":"app","password":"s3cret"}', '{"username":"app","password":"x"}'],
    ["two words that make a short value", "atrue", "a true answer"],
  ])("in %s", (_, known, sink) => {
    expect(() => leakCheck([known]).assertNoLeak(sink)).not.toThrow();
  });

  test("in random text that does not hold it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => assertNoLeak(text)),
      { numRuns: runsOf(300) },
    );
  });
});
