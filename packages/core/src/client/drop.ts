import { SecretError } from "../error/secret-error.ts";
import { factsOfSecret, type Secret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { View } from "../view/view.ts";
import type { Client } from "./client.ts";

/**
 * Discards what has leaked and refuses it from now on: one Secret, or everything that these views hold or served lately.
 * Every view of the same name whose value equals it, or lies in it, stops serving; a credential with a lease ends at its store.
 * @throws {SecretError} INVALID_CONFIG/option for something that is no Secret of this client
 */
export function dropContents(client: Client, views: readonly View<unknown>[], leaked: true | Secret<unknown>): void {
  const payload = leaked === true ? undefined : payloadOf(leaked);
  for (const view of views) {
    const { bans } = view.context;
    const { name } = view.reference;
    if (payload === undefined) bans.add(name, [...view.heldContents(), ...previousContents(client, view)]);
    else bans.add(name, [view.contentsOf(payload).at(-1) ?? payload.content]);
  }
  const names = new Set(views.map(({ reference }) => reference.name));
  for (const view of client.allViews()) if (names.has(view.reference.name)) applyTo(client, view, views, payload);
  for (const { stored } of client.previous.values()) if (names.has(stored.reference.name)) stored.applyBans();
  for (const store of new Set(views.flatMap((view) => view.source.stores())))
    client.track(store.withdraw(payload?.content));
  for (const view of views) if (view.isDropped) view.readOther();
}

function applyTo(
  client: Client,
  view: View<unknown>,
  named: readonly View<unknown>[],
  payload: Payload | undefined,
): void {
  const version = payload?.version ?? view.current?.meta.version;
  const wasServed = view.applyBans();
  if (version === undefined || !(wasServed || named.includes(view))) return;
  client.deliveries.tell(() => client.report.emit({ type: "drop", reference: view.name, version }));
}

/** What `accepted` holds beside the current value. */
function previousContents(client: Client, view: View<unknown>): readonly Payload["content"][] {
  const alias = [...client.views].find(([, candidate]) => candidate === view)?.[0];
  const secret = alias === undefined ? undefined : client.previous.get(alias)?.secret;
  if (secret === undefined) return [];
  const content = view.contentsOf(factsOfSecret(secret) as Payload).at(-1);
  return content === undefined ? [] : [content];
}

function payloadOf(secret: unknown): Payload {
  const facts = factsOfSecret(secret) as Payload | undefined;
  if (facts !== undefined) return facts;
  throw new SecretError(
    "INVALID_CONFIG",
    "`drop` of `invalidate()` takes `true`, or a Secret that this client handed out",
    {
      reason: "option",
      tip: "Pass the Secret that leaked, as `latest()`, `getSecret()` or a change gave it.",
    },
  );
}
