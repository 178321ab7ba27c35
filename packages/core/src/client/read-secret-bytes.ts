import { SecretError } from "../error/secret-error.ts";
import { parseReference } from "../name/reference.ts";
import { select } from "../name/selector.ts";
import type { Router } from "../route/router.ts";
import { notFound } from "../view/view-problem.ts";

/** Reads a credential that another provider holds: its exact bytes, through the same cache as any read. @throws {SecretError} */
export async function readSecretBytes(router: Router, text: string): Promise<Uint8Array> {
  const reference = parseReference(text);
  const { source, select: bound } = router.route(reference.name);
  const outcome = await source.read("cached");
  if (outcome.kind === "failed") throw outcome.error;
  if (outcome.kind === "absent") throw notFound(reference.text, source);
  const selectors = [bound, reference.selector].filter((selector) => selector !== undefined);
  const context = { reference: reference.text, provider: outcome.provider };
  const content = selectors.reduce((whole, selector) => select(whole, selector, context), outcome.content);
  if (content.kind === "value") return content.bytes;
  throw new SecretError("INVALID_VALUE", `the credential "${reference.text}" has several fields`, {
    reason: "fields-not-value",
    reference: reference.text,
    tip: `Add a selector; the fields are ${[...content.fields.keys()].join(", ")}.`,
  });
}
