import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { declared, endLeaked } from "./end-leaked.ts";

const leaked = "s3cret-fixture-leaked";

function holding(value: string) {
  const secrets = mockSecrets({ "webhook/key": value }, { declare: declared });
  const rotate = async (next: string): Promise<void> => {
    secrets.set("webhook/key", next);
    await secrets.flush();
  };
  return { secrets, rotate, accepted: () => secrets.accepted("webhook").map((key) => key.reveal()) };
}

test("a leaked key that is held is dropped, and refused for good; the next one is served at once", async () => {
  const { secrets, rotate, accepted } = holding(leaked);
  expect(endLeaked(secrets, leaked)).toBe("dropped");
  expect(accepted).toThrow(expect.objectContaining({ code: "NOT_READY", reason: "dropped" }));
  await rotate("s3cret-fixture-next");
  expect(accepted()).toEqual(["s3cret-fixture-next"]);
  await rotate(leaked);
  expect(accepted()).toEqual(["s3cret-fixture-next"]);
});

test("a leaked key within its overlap is dropped alone: the present one is served on", async () => {
  const { secrets, rotate, accepted } = holding(leaked);
  await rotate("s3cret-fixture-next");
  expect(endLeaked(secrets, leaked)).toBe("dropped");
  expect(accepted()).toEqual(["s3cret-fixture-next"]);
  await rotate(leaked);
  expect(accepted()).toEqual(["s3cret-fixture-next"]);
});

test("a leaked key that is held no more needs nothing", async () => {
  const { secrets, rotate, accepted } = holding(leaked);
  await rotate("s3cret-fixture-next");
  await rotate("s3cret-fixture-third");
  expect(endLeaked(secrets, leaked)).toBe("replaced");
  expect(accepted()).toEqual(["s3cret-fixture-third", "s3cret-fixture-next"]);
});

test("`drop: true` after the next key has arrived refuses that key as well", async () => {
  const { secrets, rotate, accepted } = holding(leaked);
  await rotate("s3cret-fixture-next");
  secrets.invalidate("webhook", { drop: true });
  await secrets.advance(60_000);
  expect(accepted).toThrow(expect.objectContaining({ reason: "dropped" }));
  await rotate("s3cret-fixture-third");
  expect(accepted()).toEqual(["s3cret-fixture-third"]);
});
