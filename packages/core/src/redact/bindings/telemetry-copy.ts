import { DeepCopy, type Masker } from "../deep-copy.ts";
import { show } from "../own-property.ts";
import type { Redactor } from "../redactor.ts";

type Field = (value: unknown, item: ItemCopy) => unknown;
/** What exporters read of an item, and how it is masked. */
export type Fields = Readonly<Record<string, Field>>;

const anything: Field = (value, item) => item.walk.visit(value);
/** Exporters count with these: one that happens to equal a value stays as it is. */
const counted: Field = (value) => value;
const context: Field = (value, item) => {
  if (typeof value !== "function") return item.walk.visit(value);
  const original: unknown = value.call(item.original);
  const masked = item.walk.visit(original);
  return masked === original ? value : () => masked;
};
const events: Field = (value, item) => {
  const masked = (value as object[]).map((event) => maskedFields({ ...item, original: event }, eventFields));
  return masked.every((event, index) => event === (value as object[])[index]) ? value : masked;
};
const scope: Field = (value, item) => item.shared(value as object, (original) => item.walk.visit(original) as object);
const resource: Field = (value, item) =>
  item.shared(value as Resource, (original) => maskedResource(original, item.walk));

const eventFields: Fields = { name: anything, time: counted, attributes: anything, droppedAttributesCount: counted };

/** `ReadableSpan`, in SDK 1.x with `parentSpanId` and `instrumentationLibrary`. */
export const spanFields: Fields = {
  name: anything,
  kind: counted,
  spanContext: context,
  parentSpanContext: context,
  parentSpanId: anything,
  startTime: counted,
  endTime: counted,
  duration: counted,
  ended: counted,
  status: anything,
  attributes: anything,
  links: anything,
  events,
  resource,
  instrumentationScope: scope,
  instrumentationLibrary: scope,
  droppedAttributesCount: counted,
  droppedEventsCount: counted,
  droppedLinksCount: counted,
};

/** `ReadableLogRecord`. */
export const logFields: Fields = {
  hrTime: counted,
  hrTimeObserved: counted,
  spanContext: context,
  severityText: anything,
  severityNumber: counted,
  eventName: anything,
  body: anything,
  attributes: anything,
  resource,
  instrumentationScope: scope,
  droppedAttributesCount: counted,
};

interface Resource {
  readonly attributes: object;
  readonly schemaUrl?: string;
  readonly asyncAttributesPending?: boolean;
}

interface ItemCopy {
  readonly original: object;
  readonly walk: DeepCopy;
  /** The same copy for each item that has the same original: exporters group by identity. */
  shared<Shared extends object>(original: Shared, mask: (original: Shared) => Shared): Shared;
}

/** Makes what copies the items of one batch. An item without a value is given back itself. */
export function copierOfBatch(redactor: Redactor, fields: Fields): <Item extends object>(item: Item) => Item {
  const copies = new Map<object, object>();
  const masker: Masker = {
    text: (text) => redactor.redact(text, "opentelemetry"),
    binary: (binary) => redactor.deep(Buffer.from(binary, "latin1")).toString("latin1"),
  };
  const shared: ItemCopy["shared"] = (original, mask) => {
    const copy = (copies.get(original) as typeof original | undefined) ?? mask(original);
    copies.set(original, copy);
    return copy;
  };
  return (item) => maskedFields({ original: item, walk: new DeepCopy(masker), shared }, fields) as typeof item;
}

function maskedFields(item: ItemCopy, fields: Fields): object {
  const { original } = item;
  const copy: Record<string, unknown> = {};
  let changed = false;
  for (const [key, mask] of Object.entries(fields)) {
    if (!(key in original)) continue;
    const value = (original as Record<string, unknown>)[key];
    const masked = mask(value, item);
    changed ||= masked !== value;
    copy[key] = typeof masked === "function" ? masked.bind(original) : masked;
  }
  return changed ? copy : original;
}

function maskedResource(original: Resource, walk: DeepCopy): Resource {
  const attributes = walk.visit(original.attributes) as object;
  const schemaUrl = walk.visit(original.schemaUrl);
  const isClean = attributes === original.attributes && schemaUrl === original.schemaUrl;
  // attributes that are not there yet cannot be checked: the copy does without them
  if (isClean && original.asyncAttributesPending !== true) return original;
  // the methods of a resource work with these
  const copy = Object.create(Object.getPrototypeOf(original)) as Resource;
  show(copy, "attributes", attributes);
  show(copy, "schemaUrl", schemaUrl);
  show(copy, "asyncAttributesPending", false);
  show(copy, "getRawAttributes", () => Object.entries(attributes));
  return copy;
}
