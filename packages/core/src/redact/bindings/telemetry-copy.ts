import { DeepCopy } from "../deep-copy.ts";
import { show } from "../own-property.ts";
import type { Redactor } from "../redactor.ts";

type Field = (value: unknown, copy: TelemetryCopy, item: object) => unknown;
/** What exporters read of an item, and how it is masked. */
export type Fields = Readonly<Record<string, Field>>;

const anything: Field = (value, copy) => copy.walk.visit(value);
/** Exporters count with these: one that happens to equal a value stays as it is. */
const counted: Field = (value) => value;
const context: Field = (value, copy, item) => {
  if (typeof value !== "function") return copy.walk.visit(value);
  const original: unknown = value.call(item);
  const masked = copy.walk.visit(original);
  return masked === original ? value : () => masked;
};
const events: Field = (value, copy) => {
  const masked = (value as object[]).map((event) => copy.of(event, eventFields));
  return masked.every((event, index) => event === (value as object[])[index]) ? value : masked;
};
const resource: Field = (value, copy) => copy.ofResource(value as Resource);

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
  instrumentationScope: anything,
  instrumentationLibrary: anything,
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
  instrumentationScope: anything,
  droppedAttributesCount: counted,
};

interface Resource {
  readonly attributes: object;
  readonly schemaUrl?: string;
  readonly asyncAttributesPending?: boolean;
}

/** Copies the items of one batch. Items that share a resource or scope share its copy, since exporters group by identity. */
export class TelemetryCopy {
  readonly walk: DeepCopy;
  readonly #resources = new Map<Resource, Resource>();

  constructor(redactor: Redactor) {
    this.walk = new DeepCopy({
      text: (text) => redactor.redact(text, "opentelemetry"),
      binary: (binary) => redactor.deep(Buffer.from(binary, "latin1")).toString("latin1"),
    });
  }

  /** The item itself if it holds no value. */
  of<Item extends object>(item: Item, fields: Fields): Item {
    const copy: Record<string, unknown> = {};
    let changed = false;
    for (const [key, mask] of Object.entries(fields)) {
      if (!(key in item)) continue;
      const value = (item as Record<string, unknown>)[key];
      const masked = mask(value, this, item);
      changed ||= masked !== value;
      copy[key] = typeof masked === "function" ? masked.bind(item) : masked;
    }
    return changed ? (copy as Item) : item;
  }

  ofResource(original: Resource): Resource {
    const known = this.#resources.get(original);
    if (known !== undefined) return known;
    const attributes = this.walk.visit(original.attributes) as object;
    const schemaUrl = this.walk.visit(original.schemaUrl);
    const isClean = attributes === original.attributes && schemaUrl === original.schemaUrl;
    // attributes that are not there yet cannot be checked: the copy does without them
    const copy =
      isClean && original.asyncAttributesPending !== true ? original : viewOf(original, attributes, schemaUrl);
    this.#resources.set(original, copy);
    return copy;
  }
}

/** Has the methods of a resource, which work with the masked attributes. */
function viewOf(original: Resource, attributes: object, schemaUrl: unknown): Resource {
  const view = Object.create(Object.getPrototypeOf(original)) as Resource;
  show(view, "attributes", attributes);
  show(view, "schemaUrl", schemaUrl);
  show(view, "asyncAttributesPending", false);
  show(view, "getRawAttributes", () => Object.entries(attributes));
  return view;
}
