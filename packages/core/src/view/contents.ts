import type { SecretPayload } from "../contract/contract.ts";
import type { Reference } from "../name/reference.ts";
import { type Selector, select } from "../name/selector.ts";
import { contentOfSecret, factsOfSecret, type Secret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import { hashesOfValue, hashOfContent } from "./bans.ts";
import type { ViewContext } from "./view-policy.ts";

/** The parts of a view that determine the content that it selects in a payload. */
export interface ContentReader {
  readonly reference: Reference;
  readonly selectors: readonly Selector[];
  readonly context: Pick<ViewContext, "bans">;
}

/**
 * Returns the content of a payload and of each selection in it. The last one is the content that the view reads; each one
 * contains the next.
 * @throws {SecretError} INVALID_VALUE if a selector does not match
 */
export function contentsOf({ reference, selectors }: ContentReader, payload: Payload): readonly SecretPayload[] {
  const contents: SecretPayload[] = [payload.content];
  const context = { reference: reference.text, provider: payload.provider };
  for (const selector of selectors) contents.push(select(contents.at(-1) as SecretPayload, selector, context));
  return contents;
}

/** Whether the view's selection in a payload, or content around it, was dropped. */
export function isBannedPayload(reader: ContentReader, payload: Payload): boolean {
  if (!reader.context.bans.concern(reader.reference.name)) return false;
  try {
    return reader.context.bans.hasContent(reader.reference.name, contentsOf(reader, payload));
  } catch {
    // Content that the view cannot select is not served either.
    return false;
  }
}

/** Whether the content or the decoded value of a Secret was dropped. */
export function isBannedSecret(reader: ContentReader, secret: Secret<unknown>): boolean {
  const decoded = contentOfSecret(secret);
  const isBanned = decoded !== undefined && reader.context.bans.hasValue(reader.reference.name, decoded);
  return isBanned || isBannedPayload(reader, factsOfSecret(secret) as Payload);
}

/** Returns the hashes of the content that this view selects in a Secret, and of its decoded value. */
export function hashesOf(reader: ContentReader, secret: Secret<unknown>): readonly string[] {
  const content = contentsOf(reader, factsOfSecret(secret) as Payload).at(-1) as SecretPayload;
  const decoded = contentOfSecret(secret);
  return [hashOfContent(content), ...(decoded === undefined ? [] : hashesOfValue(decoded))];
}
