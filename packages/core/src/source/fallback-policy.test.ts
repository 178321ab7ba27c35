import { describe, expect, test } from "vitest";
import { advanceUntil } from "../../test/scripted-client.ts";
import type { ScriptedStore } from "../../test/scripted-store.ts";
import { pair } from "../../test/store-pair.ts";
import { SecretError } from "../error/secret-error.ts";

type Condition = "down" | "missing" | "good";
const conditions: readonly Condition[] = ["down", "missing", "good"];

function put(store: ScriptedStore, condition: Condition, value: string): void {
  if (condition === "down") store.fail("UNAVAILABLE");
  if (condition === "good") store.set("db", value);
}

describe("the result of a first read, by the state of both stores and the policy", () => {
  const policies = [[], ["NOT_FOUND"], ["UNAVAILABLE"], ["NOT_FOUND", "UNAVAILABLE"]] as const;
  const cases = policies.flatMap((policy) =>
    conditions.flatMap((first) =>
      conditions.map((second) => [policy.join("+") || "nothing", first, second, policy] as const),
    ),
  );

  test.each(cases)("falling back on %s, first %s, second %s", async (_title, first, second, policy) => {
    const { secrets, clock, a, b } = pair(policy);
    put(a, first, "from a");
    put(b, second, "from b");
    const result = await advanceUntil(
      clock,
      secrets.getSecret("db").then(
        (secret) => secret.reveal(),
        (error: SecretError) => error.code,
      ),
    );
    const falls =
      (first === "missing" && policy.includes("NOT_FOUND" as never)) ||
      (first === "down" && policy.includes("UNAVAILABLE" as never));
    expect(result).toBe(expected(first, second, falls));
    expect(b.reads.length > 0).toBe(falls);
  });

  function expected(first: Condition, second: Condition, falls: boolean): string {
    if (first === "good") return "from a";
    if (falls && second === "good") return "from b";
    return first === "down" || (falls && second === "down") ? "UNAVAILABLE" : "NOT_FOUND";
  }
});

describe("outcomes that never fall through", () => {
  test.each<[string, SecretError]>([
    ["a denial", new SecretError("PERMISSION_DENIED", "no")],
    ["an ambiguous not-found", new SecretError("NOT_FOUND", "no", { definitive: false })],
    ["a bad login", new SecretError("UNAUTHENTICATED", "no")],
    ["a bad value", new SecretError("INVALID_VALUE", "no")],
    ["an unforeseen failure", new SecretError("INTERNAL", "no")],
  ])("%s", async (_title, failure) => {
    const { secrets, clock, a, b } = pair(["NOT_FOUND", "UNAVAILABLE", "THROTTLED"]);
    a.outage = failure;
    b.set("db", "from b");
    const error = await advanceUntil(
      clock,
      secrets.getSecret("db").catch((thrown: SecretError) => thrown),
    );
    expect(error).toMatchObject({ code: failure.code });
    expect(b.reads).toHaveLength(0);
  });

  test("a not-found that the adapter calls ambiguous", async () => {
    const { secrets, a, b } = pair(["NOT_FOUND"]);
    a.script = () => ({ status: "not-found", definitive: false });
    b.set("db", "from b");
    await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "NOT_FOUND", definitive: false });
    expect(b.reads).toHaveLength(0);
  });

  test("a field that the selector does not find", async () => {
    const { secrets, a, b } = pair(["NOT_FOUND"]);
    a.set("db", { username: "u" });
    b.set("db", { username: "u", password: "p" });
    await expect(secrets.getSecret("db#password")).rejects.toMatchObject({
      code: "INVALID_VALUE",
      reason: "field-missing",
    });
    expect(b.reads).toHaveLength(0);
  });

  test("a value that cannot be decoded", async () => {
    const { secrets, a, b } = pair(["NOT_FOUND", "UNAVAILABLE"]);
    a.script = () => ({ status: "ok", version: "1", payload: { kind: "value", bytes: Uint8Array.of(0xc3) } });
    b.set("db", "from b");
    await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "INVALID_VALUE" });
    expect(b.reads).toHaveLength(0);
  });

  test("but THROTTLED does if it is listed", async () => {
    const { secrets, a, b } = pair(["THROTTLED"]);
    a.fail("THROTTLED", { retryAfterMs: 60_000 });
    b.set("db", "from b");
    expect((await secrets.getSecret("db")).reveal()).toBe("from b");
  });
});
