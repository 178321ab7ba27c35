import { describe, expect, test } from "vitest";
import { openFixture, read, textOf } from "../../test/kubernetes/fixture.ts";

const value = Buffer.from("s3cret-fixture").toString("base64");

/** A Secret as the API server may answer, with some members of another form. */
async function readAnswer({ metadata = {}, ...members }: Readonly<Record<string, unknown>>) {
  await using fixture = await openFixture();
  const own = { name: "db", namespace: "apps", uid: "u", resourceVersion: "10", ...(metadata as object) };
  fixture.api.override = () => ({
    body: { kind: "Secret", apiVersion: "v1", data: { a: value }, ...members, metadata: own },
  });
  return await textOf(read(await fixture.open(), "db"));
}

describe("an answer of the API server", () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["another Secret", { metadata: { name: "other" } }],
    ["a Secret of another namespace", { metadata: { namespace: "other" } }],
    ["another kind of object", { kind: "ConfigMap" }],
    ["a list", { kind: "SecretList", items: [] }],
    ["a Secret whose data is a list", { data: [value] }],
    ["a Secret whose data is text", { data: value }],
    ["a Secret without a version", { metadata: { resourceVersion: undefined } }],
    ["a Secret whose version is a number", { metadata: { resourceVersion: 10 } }],
  ])("that is %s is INTERNAL, and its values stay unsaid", async (_what, members) => {
    const error = await readAnswer(members).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    expect(`${(error as Error).message}`).not.toContain(value);
  });

  test.each<[string, Readonly<Record<string, unknown>>, object]>([
    ["an immutable Secret", { immutable: true }, { a: "s3cret-fixture" }],
    ["one that is being deleted", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }, { a: "s3cret-fixture" }],
    ["one with a version beyond 64 bits", { metadata: { resourceVersion: "9".repeat(30) } }, { a: "s3cret-fixture" }],
    ["one with a version that is no number", { metadata: { resourceVersion: "abc" } }, { a: "s3cret-fixture" }],
    ["one with a creation time that is none", { metadata: { creationTimestamp: "never" } }, { a: "s3cret-fixture" }],
    ["one whose data is null", { data: null }, {}],
    ["one with an empty value", { data: { a: "" } }, { a: "" }],
    ["one with a key that objects have", { data: { constructor: value } }, { constructor: "s3cret-fixture" }],
  ])("that is %s is read", async (_what, members, fields) => {
    expect(await readAnswer(members)).toEqual(fields);
  });
});
