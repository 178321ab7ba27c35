import { show } from "../own-property.ts";
import type { Redactor } from "../redactor.ts";

type Field = (value: unknown, item: ItemCopy) => unknown;
/** The members of an item that exporters read, and how each is masked. */
export type Fields = Readonly<Record<string, Field>>;

const anything: Field = (value, item) => item.masked(value);
/** Leaves a number unchanged, because exporters compute with it, even if it equals a value. */
const counted: Field = (value) => value;
const context: Field = (value, item) => {
  if (typeof value !== "function") return item.masked(value);
  const original: unknown = value.call(item.original);
  const masked = item.masked(original);
  return masked === original ? value : () => masked;
};
const events: Field = (value, item) => {
  if (!Array.isArray(value)) return item.masked(value);
  const masked = value.map((event: object) => maskedFields({ ...item, original: event }, eventFields));
  return masked.every((event, index) => event === value[index]) ? value : masked;
};
const scope: Field = (value, item) => item.shared(value, () => item.masked(value));
const resource: Field = (value, item) =>
  item.shared(value, () => (isResource(value) ? maskedResource(value, item) : item.masked(value)));

const eventFields: Fields = { name: anything, time: counted, attributes: anything, droppedAttributesCount: counted };

/** The members of `ReadableSpan`; SDK 1.x has `parentSpanId` and `instrumentationLibrary`. */
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

/** The members of `ReadableLogRecord`. */
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

const listOf =
  (fields: Fields): Field =>
  (value, item) => {
    if (!Array.isArray(value)) return item.masked(value);
    const masked = value.map((original: object) => maskedFields({ ...item, original }, fields));
    return masked.every((one, index) => one === value[index]) ? value : masked;
  };

const exemplarFields: Fields = {
  value: counted,
  timestamp: counted,
  filteredAttributes: anything,
  traceId: counted,
  spanId: counted,
};
const pointFields: Fields = {
  attributes: anything,
  startTime: counted,
  endTime: counted,
  value: counted,
  exemplars: listOf(exemplarFields),
};
const metricFields: Fields = {
  descriptor: anything,
  aggregationTemporality: counted,
  dataPointType: counted,
  isMonotonic: counted,
  dataPoints: listOf(pointFields),
};

/** The members of `ResourceMetrics`. Names, descriptions, units and attributes are masked; measurements stay unchanged. */
export const metricsFields: Fields = {
  resource,
  scopeMetrics: listOf({ scope, metrics: listOf(metricFields) }),
};

interface Resource {
  readonly attributes: object;
  readonly schemaUrl?: string;
  readonly asyncAttributesPending?: boolean;
}

interface ItemCopy {
  readonly original: object;
  /** Masks one field. Each field is copied separately, so that a large one does not use up the limit of values for the others. */
  masked(value: unknown): unknown;
  /** Returns the same copy for all items with the same original, because exporters group by identity. */
  shared(original: unknown, mask: () => unknown): unknown;
}

/** Returns a function that copies the items of one batch. It returns an item without a value unchanged. */
export function copierOfBatch(redactor: Redactor, fields: Fields): <Item extends object>(item: Item) => Item {
  const copies = new Map<unknown, unknown>();
  const shared: ItemCopy["shared"] = (original, mask) => {
    if (!copies.has(original)) copies.set(original, mask());
    return copies.get(original);
  };
  const masked: ItemCopy["masked"] = (value) => redactor.deep(value, "opentelemetry");
  return (item) => maskedFields({ original: item, masked, shared }, fields) as typeof item;
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

function isResource(value: unknown): value is Resource {
  return typeof value === "object" && value !== null && "attributes" in value;
}

function maskedResource(original: Resource, { masked }: ItemCopy): Resource {
  const attributes = masked(original.attributes) as object;
  const schemaUrl = masked(original.schemaUrl);
  const isClean = attributes === original.attributes && schemaUrl === original.schemaUrl;
  // Pending attributes cannot be checked, so the copy omits them.
  if (isClean && original.asyncAttributesPending !== true) return original;
  // The methods of a resource read these members.
  const copy = Object.create(Object.getPrototypeOf(original)) as Resource;
  show(copy, "attributes", attributes);
  show(copy, "schemaUrl", schemaUrl);
  show(copy, "asyncAttributesPending", false);
  show(copy, "getRawAttributes", () => Object.entries(attributes));
  return copy;
}
