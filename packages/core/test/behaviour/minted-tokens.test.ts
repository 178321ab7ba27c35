import { expect, test } from "vitest";
import { createSecrets, declareSecrets, isSecretError, SecretError } from "../../src/index.ts";
import type { Adapter } from "../../src/provider.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";

const minute = 60_000;

/** An endpoint that makes a token of 15 minutes at each call, as identity providers and clouds do. */
function tokens(clock: { now(): number }) {
  const endpoint = { calls: 0, isDown: false };
  const adapter: Adapter<object> = {
    name: "tokens",
    options: async () => ({
      "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as object }) },
    }),
    open: async () => ({
      supports: {
        payload: "value",
        versions: false,
        subscribe: false,
        conditional: false,
        defaultPollMs: 24 * 60 * minute,
      },
      async get() {
        if (endpoint.isDown) throw new SecretError("UNAVAILABLE", "the endpoint is down");
        endpoint.calls += 1;
        const payload = { kind: "value", bytes: new TextEncoder().encode(`s3cret-fixture-${endpoint.calls}`) } as const;
        const expiresAt = new Date(clock.now() + 15 * minute);
        return { status: "ok", payload, version: String(endpoint.calls), expiresAt };
      },
    }),
  };
  return { adapter, endpoint };
}

test("tokens that an adapter mints are replaced before their end, served to it in an outage, and never after it", async () => {
  const clock = manualClock();
  const { adapter, endpoint } = tokens(clock);
  const secrets = createSecrets({
    adapters: { tokens: adapter },
    declare: declareSecrets({ token: { ref: "token" } }),
    config: { providers: { tokens: { use: "tokens" } }, routes: [{ match: "**", to: ["tokens"] }] },
    clock,
    random: () => 0.5,
  });
  await secrets.ready();
  const now = (): string => secrets.latest("token").reveal();
  expect(now()).toBe("s3cret-fixture-1");
  await clock.advance(11 * minute);
  expect(now()).toBe("s3cret-fixture-1");
  await clock.advance(2 * minute);
  expect(now()).toBe("s3cret-fixture-2");
  await clock.advance(12 * minute);
  expect(now()).toBe("s3cret-fixture-3");
  expect(endpoint.calls).toBe(3);

  endpoint.isDown = true;
  const { expiresAt } = secrets.latest("token").meta;
  await clock.advance((expiresAt?.getTime() ?? 0) - clock.now() - 1);
  expect(now()).toBe("s3cret-fixture-3");
  await clock.advance(1);
  const ended = await secrets.getSecret("token").catch((error: unknown) => error);
  expect(isSecretError(ended, "UNAVAILABLE")).toBe(true);
  expect(ended).toMatchObject({ reason: "expired" });
  endpoint.isDown = false;
  await clock.advance(5 * minute);
  expect(now()).toBe("s3cret-fixture-4");
  await secrets.close();
});
