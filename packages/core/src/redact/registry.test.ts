import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import { innerValues } from "./inner-values.ts";
import { createRedactor } from "./redactor.ts";

const value = "s3cret-fixture-0001";
const other = "0ther-fixture-0002";

describe("the grace period", () => {
  test("ends the masking of a released value, not before", () => {
    const clock = manualClock();
    const redactor = createRedactor({ grace: 60_000, clock });
    redactor.register(value, { name: "old" })();
    redactor.register(other, { name: "new" });
    clock.suspend(59_999);
    expect(redactor.redact(`${value} ${other}`)).toBe("[REDACTED:old] [REDACTED:new]");
    clock.suspend(1);
    expect(redactor.redact(`${value} ${other}`)).toBe(`${value} [REDACTED:new]`);
    expect(redactor.stats()).toMatchObject({ values: 1, retired: 0 });
  });

  test("begins anew with each release, and not for a value that another name still has", () => {
    const clock = manualClock();
    const redactor = createRedactor({ grace: 1_000, clock });
    const first = redactor.register(value, { name: "a" });
    const second = redactor.register(value, { name: "b" });
    first();
    clock.suspend(5_000);
    expect(redactor.redact(value)).toBe("[REDACTED:b]");
    second();
    clock.suspend(999);
    const again = redactor.register(value, { name: "c" });
    clock.suspend(5_000);
    expect(redactor.redact(value)).toBe("[REDACTED:c]");
    again();
    clock.suspend(1_000);
    expect(redactor.redact(value)).toBe(value);
  });
});

describe("a value that is registered and released in any order", () => {
  test("is masked while it is registered, in every encoding, and uses no memory afterwards", () => {
    const text = fc
      .stringMatching(/^[a-zA-Z0-9"\\%& +-]{10,40}$/)
      .filter((one) => /^\S.{8,}\S$/.test(one) && innerValues(one).length === 0);
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 12 }), fc.array(fc.nat(11)), (texts, releases) => {
        const clock = manualClock();
        const redactor = createRedactor({ grace: 1, clock });
        const release = texts.map((one, index) => redactor.register(one, { name: `n${index}`, mask: "always" }));
        const gone = new Set(releases.map((index) => index % texts.length));
        for (const index of gone) release[index]?.();
        clock.suspend(1);
        redactor.redact("");
        for (const [index, one] of texts.entries()) {
          const printed = [
            one,
            Buffer.from(one).toString("base64"),
            Buffer.from(one).toString("hex"),
            JSON.stringify(one),
          ];
          if (gone.has(index)) continue;
          for (const variant of printed) expect(redactor.find(variant)).toContain(`n${index}`);
        }
        expect(redactor.stats().values).toBe(texts.length - gone.size);
        for (const one of release) one();
        clock.suspend(1);
        redactor.redact("");
        expect(redactor.stats()).toMatchObject({ values: 0, retired: 0, variants: 0 });
        for (const one of texts) expect(redactor.redact(one)).toBe(one);
      }),
      { numRuns: 150 },
    );
  });
});

describe("a mask for each member", () => {
  const document = JSON.stringify({ host: "db.internal.example", password: value, pin: "4711" });

  test("holds for JSON in a text, and for the members of an object", () => {
    for (const registered of [document, JSON.parse(document) as never]) {
      const redactor = createRedactor();
      redactor.register(registered, { name: "db", mask: { host: "never", pin: "always" } });
      expect(redactor.redact(`db.internal.example ${value} 4711`)).toBe(
        "db.internal.example [REDACTED:db] [REDACTED:db]",
      );
    }
  });

  test("leaves the others to `auto`, and is asked for no inherited name", () => {
    const redactor = createRedactor();
    redactor.register(JSON.stringify({ constructor: value, host: "db" }), { name: "db", mask: {} });
    expect(redactor.redact(`${value} db`)).toBe("[REDACTED:db] db");
  });
});

test("finds what was written as JSON before it was encoded", () => {
  const redactor = createRedactor();
  const password = 's3cret"fixture\\with>signs?';
  redactor.register(password, { name: "db" });
  const payload = JSON.stringify({ user: "app", password });
  for (const encoding of ["base64", "base64url"] as const) {
    for (const before of ["", "a", "ab"]) {
      const text = Buffer.from(before + payload).toString(encoding);
      expect(redactor.find(text)).toEqual(["db"]);
      expect(Buffer.from(redactor.redact(text).split("[")[0] ?? "", "base64").toString()).not.toContain("s3cret");
    }
  }
});

describe("a text of several lines", () => {
  test("contains the values whose keys denote a secret, but no settings", () => {
    const redactor = createRedactor();
    const properties = "spring.mode=production-eu\ndb.password=s3cret-fixture\nexport API_TOKEN='0ther-fixture'\n";
    const yaml =
      'users:\n- name: admin-user\n  user:\n    token: "third-fixture"\n    client-key-data: fourth-fixture\n';
    redactor.register(properties, { name: "p" });
    redactor.register(yaml, { name: "y" });
    expect(redactor.redact("s3cret-fixture 0ther-fixture third-fixture fourth-fixture")).toBe(
      "[REDACTED:p] [REDACTED:p] [REDACTED:y] [REDACTED:y]",
    );
    expect(redactor.redact("production-eu admin-user")).toBe("production-eu admin-user");
  });
});

describe("a value that most texts hold", () => {
  test("is called noisy after a thousand of them, by the name of its secret", () => {
    const redactor = createRedactor();
    redactor.register("orders-service", { name: "db/primary" });
    redactor.register("s3cret-fixture", { name: "db/password" });
    const write = (count: number): void => {
      for (let line = 0; line < count; line++)
        redactor.redact(line % 3 === 0 ? "a clean line" : "orders-service is up");
    };
    redactor.redact("s3cret-fixture");
    write(900);
    expect(redactor.stats().noisy).toEqual([]);
    write(200);
    expect(redactor.stats().noisy).toEqual(["db/primary"]);
  });
});
