import type { SecretPayload } from "../contract/contract.ts";
import type { Decoded } from "../decode/codec.ts";
import type { Masks } from "../redact/mask-policy.ts";
import { maskedLeavesOf } from "../redact/masked-leaves.ts";
import { isMaskable } from "../redact/parts.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";

/** The registrations of one stage of a value. */
interface Exposed {
  /** The registered values; versions with equal bytes share one decoded value. */
  readonly decoded: WeakSet<Decoded<unknown>>;
  readonly releases: (() => void)[];
}

/**
 * Registers values of one view with the redactor before they are exposed, and releases them after they were replaced or
 * refused.
 */
export class Masking {
  /** Whether `auto` does not mask a declared value, because it is too short or too common. */
  unmasked = false;
  readonly #reference: string;
  readonly #policy: ViewPolicy<never>;
  readonly #context: ViewContext;
  #current: Exposed | undefined;
  #candidate: Exposed | undefined;
  /** The registrations of values that were replaced before they were revealed. */
  #late: Exposed | undefined;

  constructor(reference: string, policy: ViewPolicy<never>, context: ViewContext) {
    this.#reference = reference;
    this.#policy = policy;
    this.#context = context;
  }

  /**
   * Registers a value before it is revealed.
   * @param content the content from which the current value was decoded
   */
  expose(decoded: Decoded<unknown>, stage: "current" | "candidate" | "late", content?: SecretPayload): void {
    const known = [this.#current, this.#candidate, this.#late];
    if (known.some((exposed) => exposed?.decoded.has(decoded) === true)) return;
    const exposed = this.#exposed(stage);
    const { releases } = exposed;
    if (decoded.kind !== "value") this.#registerAs(decoded.bytes, this.#policy.mask, releases);
    else if (decoded.sensitive !== undefined) {
      this.#registerLeaves(decoded.sensitive, releases);
    } else {
      if (content !== undefined) this.#registerContent(content, releases);
      this.#registerLeaves(decoded.value, releases);
    }
    exposed.decoded.add(decoded);
  }

  /** Registers a candidate before a schema receives it: the content of the store, and the strings of the parsed JSON. */
  exposeContent(content: SecretPayload, shown: unknown): void {
    const { releases } = this.#exposed("candidate");
    this.#registerContent(content, releases);
    if (content.kind === "value") this.#registerLeaves(shown, releases);
  }

  /**
   * Masks a text of the application's code about a value. Returns undefined if a part of the value that is too short to be
   * masked would remain.
   */
  words(text: string, content: SecretPayload): string | undefined {
    const { redactor } = this.#context;
    const masks = this.#policy.mask;
    const name = this.#reference;
    const leaves = [...maskedLeavesOf(content.kind === "value" ? content.bytes : content.fields, masks)];
    const releases = leaves.map((one) => redactor.register(one.leaf, { name, mask: one.masks }));
    const masked = redactor.redact(text);
    for (const release of releases) release();
    return isShown(content, masks, masked) ? undefined : masked;
  }

  /**
   * Releases the registrations of a replaced value, which starts their grace period; those of the candidate become the current
   * ones.
   */
  retire(): void {
    release(this.#current);
    release(this.#late);
    this.#current = this.#candidate;
    this.#candidate = undefined;
    this.#late = undefined;
  }

  /** Releases the registrations of a candidate that was refused or that equals the current value. */
  retireCandidate(): void {
    release(this.#candidate);
    this.#candidate = undefined;
  }

  retireAll(): void {
    this.retire();
    this.retire();
  }

  #exposed(stage: "current" | "candidate" | "late"): Exposed {
    const known = { current: this.#current, candidate: this.#candidate, late: this.#late }[stage];
    if (known !== undefined) return known;
    const exposed: Exposed = { decoded: new WeakSet(), releases: [] };
    if (stage === "current") this.#current = exposed;
    else if (stage === "candidate") this.#candidate = exposed;
    else this.#late = exposed;
    return exposed;
  }

  #registerContent(content: SecretPayload, releases: (() => void)[]): void {
    if (content.kind === "value")
      this.#registerAs(content.bytes, this.#policy.mask, releases, mayBeJson(content.bytes));
    else this.#registerLeaves(content.fields, releases);
  }

  /** Registers the strings in a value; a schema may have created strings that the content does not contain. */
  #registerLeaves(value: unknown, releases: (() => void)[]): void {
    for (const { leaf, masks, isCandidate } of maskedLeavesOf(value, this.#policy.mask)) {
      // A port or a count need not be reported as a secret that cannot be masked.
      if (!isCandidate || isMaskable(leaf, masks)) this.#registerAs(leaf, masks, releases);
    }
  }

  #registerAs(value: string | Uint8Array, mask: Masks, releases: (() => void)[], isDocument = false): void {
    if (value.length === 0) return;
    const { redactor } = this.#context;
    releases.push(redactor.register(value, { name: this.#reference, mask, isDocument }));
    if ((typeof mask === "string" && mask !== "auto") || !this.#policy.declared || this.unmasked) return;
    // The policy decides instead of the registry, whose search would take seconds for 10,000 reveals.
    if (isDocument || isMaskable(value, mask)) return;
    this.unmasked = true;
    this.#context.emit({ type: "unmasked", reference: this.#reference });
  }
}

/** Whether a text contains a string of the value that its mask does not exclude. */
function isShown(content: SecretPayload, masks: Masks, text: string): boolean {
  const value =
    content.kind === "value"
      ? readingOf(content.bytes)
      : new Map(Array.from(content.fields, ([field, bytes]) => [field, readingOf(bytes)]));
  return [...maskedLeavesOf(value, masks)].some(
    ({ leaf, masks: mask, isCandidate }) =>
      !isCandidate && mask !== "never" && leaf.length > 0 && text.includes(String(leaf)),
  );
}

function readingOf(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString("utf8").trim();
  return mayBeJson(bytes) ? (parsedJson(text) ?? text) : text;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether bytes may be a JSON object or list, whose strings are registered when a decoder has parsed it. */
function mayBeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20);
  return first === 0x7b || first === 0x5b;
}

function release(exposed: Exposed | undefined): void {
  for (const end of exposed?.releases ?? []) end();
}
