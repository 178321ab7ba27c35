import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../../src/redact/redactor.ts";
import { runsOf } from "../seeds.ts";
import { newPrivateKey, secretKinds } from "./secret-kinds.ts";
import { throughTransform } from "./split-text.ts";

const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");

function newJwt(payload: object): string {
  const body = `${header}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}`;
  return `${body}.${createHmac("sha256", randomBytes(8)).update(body).digest("base64url")}`;
}

const registered: Readonly<Record<string, string>> = {
  ...secretKinds,
  jwt: newJwt({ iss: "https://issuer.example", sub: "registered" }),
  pkcs8: newPrivateKey("pkcs8"),
  "hex key": randomBytes(32).toString("hex"),
  "base64 key": randomBytes(32).toString("base64"),
  digits: "834517720936",
  dsn: "postgres://app:s3cret-fixture-4711@db.internal.example:5432/orders?sslmode=require",
  document: JSON.stringify({ host: "orders.example.internal", username: "app", password: "An0ther-fixture!" }),
};

function redactorOfAll(): Redactor {
  const redactor = createRedactor();
  for (const [name, value] of Object.entries(registered)) redactor.register(value, { name });
  return redactor;
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 48 }).map((all) => Buffer.from(all));
const words = fc.lorem({ maxCount: 12 });
const otherKeys = fc.constantFrom(
  ...Array.from({ length: 12 }, (_, index) => newPrivateKey(index % 2 === 0 ? "sec1" : "pkcs8")),
);
const otherJwt = fc
  .record({ iss: fc.constant("https://issuer.example"), sub: fc.uuid(), exp: fc.nat() })
  .map((payload) => newJwt(payload));

/** What logs are full of. */
const innocent: Readonly<Record<string, fc.Arbitrary<string>>> = {
  words,
  uuid: fc.uuid(),
  hash: bytes.map((all) => createHmac("sha1", all).digest("hex")),
  time: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  number: fc.oneof(fc.double().map(String), fc.maxSafeInteger().map(String)),
  jwt: otherJwt,
  pem: otherKeys,
  "pem in JSON": otherKeys.map((pem) => JSON.stringify({ key: pem })),
  base64: bytes.map((all) => all.toString("base64")),
  base64url: bytes.map((all) => all.toString("base64url")),
  hex: bytes.map((all) => all.toString("hex")),
  buffer: bytes.map((all) => JSON.stringify(all)),
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  url: fc.webUrl({ withQueryParameters: true, withFragments: true }),
  percent: fc.string({ maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
  json: fc.json({ maxDepth: 3 }),
  "escaped json": fc.json().map((text) => JSON.stringify(JSON.stringify(text))),
  html: words.map((text) => `<p class="a">${text} &amp; &lt;b&gt; &#39;</p>`),
  any: fc.string({ unit: "binary", maxLength: 80 }),
  stack: words.map((text) => new Error(text).stack ?? ""),
  dsn: fc.uuid().map((id) => `postgres://other:${id}@db.internal.example:5432/orders?sslmode=require`),
};

const line = fc
  .array(fc.oneof(...Object.values(innocent)), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(" "));

describe("text that holds no value", () => {
  test.each(Object.entries(innocent))("stays byte for byte: %s", (_, texts) => {
    const redactor = redactorOfAll();
    fc.assert(
      fc.property(texts, (text) => {
        expect(redactor.redact(text)).toBe(text);
        expect(redactor.find(text)).toEqual([]);
      }),
      { numRuns: runsOf(50) },
    );
  });

  test("stays byte for byte in 1,000 lines of it, as text, as JSON and as a stream", async () => {
    const redactor = redactorOfAll();
    await fc.assert(
      fc.asyncProperty(line, async (text) => {
        const json = JSON.stringify({ level: 30, msg: text, [text]: [text] });
        expect(redactor.redact(text)).toBe(text);
        expect(redactor.redactJson(text)).toBe(text);
        expect(redactor.redactJson(json)).toBe(json);
        const streamed = text.toWellFormed();
        expect(await throughTransform(redactor, [streamed])).toBe(streamed);
      }),
      { numRuns: runsOf(1_000) },
    );
    expect(redactor.stats().masked).toBe(0);
  });

  test("stays the same object in deep()", () => {
    const redactor = redactorOfAll();
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), (value) => {
        expect(redactor.deep(value)).toBe(value);
      }),
      { numRuns: runsOf(200) },
    );
  });
});

describe("what stands beside a secret", () => {
  const secret = "Zq7xK2mNp4vT9wLb3Rd8";
  test.each([
    ["a credential of Git", `host=git.example.com\npassword=${secret}\n`, "host=git.example.com"],
    ["an .npmrc", `registry=https://npm.example/shop/\ntoken=${secret}\n`, "fetch https://npm.example/shop/"],
    ["properties of Kafka", `bootstrap.servers=a.example:9092,b.example:9092\npassword=${secret}\n`, "a.example:9092"],
    ["TOML", `[net]\ngit-fetch-with-cli = true\n[registry]\ntoken = "${secret}"\n`, "git-fetch-with-cli = true"],
    ["XML", `<id>shop-releases</id>\n<password>${secret}</password>`, "deploy to shop-releases"],
    ["an attribute", `<user password="${secret}" roles="manager-gui"/>`, "manager-gui"],
    [
      "a key of Application Insights",
      `InstrumentationKey=${secret};IngestionEndpoint=https://eu.example/`,
      "https://eu.example/",
    ],
    ["a URL of MongoDB", `mongodb://app:${secret}@db.example/orders?replicaSet=rs-orders`, "db.example rs-orders"],
  ])("stays: %s", (_, registered, text) => {
    const redactor = createRedactor();
    redactor.register(registered, { name: "n" });
    expect(redactor.redact(text)).toBe(text);
    expect(redactor.redact(secret)).toBe("[REDACTED:n]");
  });
});
