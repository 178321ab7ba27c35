import type { HttpAnswer } from "../shared/http/answer.ts";
import { isoDate } from "../shared/iso-date.ts";
import { strictRecord } from "../shared/json-content.ts";
import { quoted } from "../shared/quoted.ts";
import { textBytes } from "../shared/text-bytes.ts";
import { ambiguous } from "./errors.ts";

/** What is taken of an item. */
export interface Item {
  readonly id: string;
  /** An item that was made anew counts from 1 again, under another id. */
  readonly version: string;
  readonly updatedAt: Date | undefined;
}

/** An item with its content. */
export interface WholeItem extends Item {
  readonly fields: ReadonlyMap<string, Uint8Array>;
}

/** Reads a summary out of a list. @throws {SecretError} INTERNAL `malformed-answer` */
export function toItem(summary: unknown, answer: HttpAnswer): Item {
  const { id, version, updatedAt } = Object(summary) as Readonly<Record<string, unknown>>;
  if (typeof id !== "string" || !Number.isSafeInteger(version)) throw answer.malformed("no item of 1Password");
  return { id, version: `${id}.${version}`, updatedAt: isoDate(updatedAt) };
}

/**
 * Reads an item. A field is found by its label, one of a section by the section's label, a dot and its own; one without a label
 * by its id. What has no value is no field.
 * @throws {SecretError} INTERNAL `malformed-answer`; INVALID_VALUE `ambiguous` where two fields have the same name, `duplicate-key`, `not-utf8`
 */
export function toWholeItem(answer: HttpAnswer, wantedId: string): WholeItem {
  const body = strictRecord(answer);
  const item = toItem(body, answer);
  if (item.id !== wantedId) throw answer.malformed("another item");
  const sections = new Map(listOf(body.sections).map(({ id, label }) => [id, label]));
  const fields = new Map<string, Uint8Array>();
  for (const { id, label, value, section } of listOf(body.fields)) {
    if (typeof value !== "string" || value === "") continue;
    const name = [label, id].find(isLabel);
    if (name === undefined) throw answer.malformed("a field without a label and an id");
    const within = Object(section) as { readonly id?: unknown; readonly label?: unknown };
    const sectionLabel = within.label ?? sections.get(within.id);
    const key = isLabel(sectionLabel) ? `${sectionLabel}.${name}` : name;
    if (fields.has(key)) throw twice(key);
    fields.set(key, textBytes(value));
  }
  return { ...item, fields };
}

function listOf(list: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list.filter((each) => typeof each === "object" && each !== null) : [];
}

function isLabel(text: unknown): text is string {
  return typeof text === "string" && text !== "";
}

function twice(key: string): Error {
  const tip = "Give each field a unique label, or put them into sections with labels.";
  return ambiguous(`the item has two fields ${quoted(key.slice(0, 64))}`, tip);
}
