import type { SecretPayload } from "../contract/contract.ts";
import type { Reference } from "../name/reference.ts";
import { type Selector, select } from "../name/selector.ts";
import { contentOfSecret, factsOfSecret, type Secret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import { hashesOfValue, hashOfContent } from "./bans.ts";
import type { ViewContext } from "./view-policy.ts";

/** What is needed to tell what a view makes of a payload. */
export interface ContentReader {
  readonly reference: Reference;
  readonly selectors: readonly Selector[];
  readonly context: Pick<ViewContext, "bans">;
}

/**
 * The whole payload, and what each selector picks in it: the last one is what the view reads, those before are what that lies in.
 * @throws {SecretError} INVALID_VALUE when what is selected is not there
 */
export function contentsOf({ reference, selectors }: ContentReader, payload: Payload): readonly SecretPayload[] {
  const contents: SecretPayload[] = [payload.content];
  const context = { reference: reference.text, provider: payload.provider };
  for (const selector of selectors) contents.push(select(contents.at(-1) as SecretPayload, selector, context));
  return contents;
}

/** Whether a payload was dropped, as this view reads it. */
export function isBannedPayload(reader: ContentReader, payload: Payload): boolean {
  if (!reader.context.bans.concern(reader.reference.name)) return false;
  try {
    return reader.context.bans.hasContent(reader.reference.name, contentsOf(reader, payload));
  } catch {
    // What the view cannot select it does not serve either.
    return false;
  }
}

/** Whether a Secret was dropped: its content, or what the application sees of it. */
export function isBannedSecret(reader: ContentReader, secret: Secret<unknown>): boolean {
  const decoded = contentOfSecret(secret);
  const isBanned = decoded !== undefined && reader.context.bans.hasValue(reader.reference.name, decoded);
  return isBanned || isBannedPayload(reader, factsOfSecret(secret) as Payload);
}

/** Hashes of what this view makes of a Secret: as it selects it, and as the application sees it. */
export function hashesOf(reader: ContentReader, secret: Secret<unknown>): readonly string[] {
  const content = contentsOf(reader, factsOfSecret(secret) as Payload).at(-1) as SecretPayload;
  const decoded = contentOfSecret(secret);
  return [hashOfContent(content), ...(decoded === undefined ? [] : hashesOfValue(decoded))];
}
