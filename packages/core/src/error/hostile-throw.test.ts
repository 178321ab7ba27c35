import { describe, expect, test } from "vitest";
import { advanceUntil, scriptedClient } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { isSecretError, SecretError } from "./secret-error.ts";

/** What throws at every look at it: a revoked proxy. */
function untouchable(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An error whose name is no text. */
function namedBySymbol(): Error {
  return Object.defineProperty(new Error("s3cret-fixture"), "name", { value: Symbol("s3cret-fixture") });
}

describe("something thrown that cannot be looked at", () => {
  test("is no SecretError, and can be the cause of one", () => {
    expect(isSecretError(untouchable())).toBe(false);
    expect(new SecretError("INTERNAL", "it failed", { cause: untouchable() }).cause).toMatchObject({ name: "Error" });
  });

  test("by accept is a refusal, and the next value is asked about all the same", async () => {
    let answer: () => boolean = () => {
      throw untouchable();
    };
    const declare = declareSecrets({ db: { ref: "db", accept: () => answer() } });
    const { secrets, clock, store } = scriptedClient({ stores: ["a"], declare });
    store.set("db", "s3cret-fixture");
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((thrown: SecretError) => thrown),
    );
    expect((error as SecretError).errors).toMatchObject([{ code: "REFUSED", reason: "threw" }]);
    answer = () => true;
    await advanceUntil(clock, secrets.ready());
  });

  test("by a provider fails the call at once", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["a"] });
    store.script = () => {
      throw untouchable();
    };
    const error = await advanceUntil(
      clock,
      secrets.getSecret("db").catch((thrown: SecretError) => thrown),
    );
    expect(error).toMatchObject({ code: "INTERNAL", reason: "unexpected", provider: "a" });
  });

  test.each([untouchable, namedBySymbol])("by a listener is reported: %o", async (thrown) => {
    const { secrets, store } = scriptedClient({ stores: ["a"] });
    const names: string[] = [];
    secrets.events.on("listener-failed", ({ event, name }) => void names.push(`${event} ${name}`));
    secrets.events.on("read", () => {
      throw thrown();
    });
    const watch = secrets.watch("db");
    watch.on(
      "change",
      () => {
        throw thrown();
      },
      { initial: true },
    );
    store.set("db", "s3cret-fixture");
    await watch.ready;
    await secrets.getSecret("db");
    expect(names.sort()).toEqual(["change Error", "read Error"]);
  });
});
