import { conformanceHost } from "@tacit/core/conformance";
import { expect, test } from "vitest";
import { forever } from "../../../test/file/file-fixture.ts";
import { keyRing } from "./key-ring.ts";

const host = conformanceHost({ credential: async () => Buffer.from(Buffer.alloc(32, 9).toString("hex")) });
const options = { keys: [{ use: "local", key: { $env: "KEY" } }] } as const;

test("has a schema for the keys, and lists their credentials", async () => {
  const schema = await keyRing.options();
  expect(await schema["~standard"].validate(options)).toEqual({ value: options });
  expect(await schema["~standard"].validate({ keys: [{ use: "nothing" }] })).toHaveProperty("issues");
  expect(keyRing.credentials).toContain("keys.key");
});

test("unwraps its own wrapped keys, and refuses members that are not texts", async () => {
  const ring = keyRing.open(options, host);
  const dataKey = Buffer.from("s3cret-fixture-of-32-bytes-here!");
  const wrapped = await ring.wrap(dataKey, { format: "f" }, forever);
  expect(Buffer.from(await keyRing.open(options, host).unwrap({ ...wrapped }, forever))).toEqual(dataKey);
  for (const hostile of [
    { ...wrapped, ciphertext: 7 },
    { ...wrapped, context: null },
    { ...wrapped, context: { format: [] } },
    { ...wrapped, context: "f" },
    { ...wrapped, ciphertext: {} },
    { use: "local" },
    { use: "age" },
    { use: "aws-kms", ciphertext: "AA==", context: {} },
    { use: "s3cret-fixture" },
    { use: "toString" },
    {},
  ])
    await expect((async () => ring.unwrap(hostile, forever))()).rejects.toMatchObject({ reason: "malformed" });
  await ring.close();
});
