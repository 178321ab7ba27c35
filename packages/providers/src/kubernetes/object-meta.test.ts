import { describe, expect, test } from "vitest";
import { objectMeta, writtenAt } from "./object-meta.ts";

const made = "2026-01-01T00:00:00Z";
const later = "2026-02-01T00:00:00Z";
const latest = "2026-03-01T00:00:00Z";
const data = { "f:data": { "f:password": {} } };
const metadata = { "f:metadata": { "f:labels": {} } };

function createdAt(managedFields: unknown, creationTimestamp: unknown = made): string | undefined {
  const object = { metadata: { name: "db", resourceVersion: "1", creationTimestamp, managedFields } };
  return writtenAt(objectMeta(object))?.toISOString().replace(".000", "");
}

describe("the time at which a value was written", () => {
  test("is the creation of the Secret if its data has not changed since", () => {
    expect(createdAt([{ time: made, fieldsV1: { ...data, ...metadata } }])).toBe(made);
    expect(
      createdAt([
        { time: made, fieldsV1: data },
        { time: later, fieldsV1: metadata },
      ]),
    ).toBe(made);
  });

  test("is the newest time of the writers of its data", () => {
    expect(
      createdAt([
        { time: later, fieldsV1: data },
        { time: made, fieldsV1: data },
      ]),
    ).toBe(later);
    expect(
      createdAt([
        { time: later, fieldsV1: data },
        { time: latest, fieldsV1: metadata },
      ]),
    ).toBe(later);
  });

  test.each([
    ["the same writer may have changed metadata alone", [{ time: later, fieldsV1: { ...data, ...metadata } }]],
    ["nothing tells who wrote the data", []],
    ["the entries are gone", undefined],
    ["a time is missing", [{ time: later, fieldsV1: data }, { fieldsV1: data }]],
    ["a time is none", [{ time: "yesterday", fieldsV1: data }]],
    ["the entries are no entries", [null, 7, "x", { fieldsV1: [] }]],
  ])("is not told where %s", (_why, managedFields) => {
    expect(createdAt(managedFields)).toBeUndefined();
  });
});
