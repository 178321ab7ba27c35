import { SecretError } from "../error/secret-error.ts";
import { factsOfSecret, type Secret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import { hashesOf } from "../view/contents.ts";
import type { View } from "../view/view.ts";
import type { Client } from "./client.ts";

/**
 * Discards a leaked value and refuses it from now on: one Secret, or all values that these views keep or recently served. All
 * views of the same name whose value equals it, or is part of it, stop serving. A credential with a lease is revoked at its store.
 * @throws {SecretError} INVALID_CONFIG/option for something that is not a Secret of this client
 */
export function dropContents(
  client: Client,
  named: readonly View<unknown>[],
  leaked: true | Secret<unknown>,
  isAlias: boolean,
): void {
  const payload = leaked === true ? undefined : payloadOf(leaked);
  const views = [...client.allViews(), ...[...client.previous.values()].map(({ stored }) => stored)];
  if (leaked === true) for (const view of named) view.context.bans.add(view.reference.name, hashesOfAll(client, view));
  else
    for (const view of leakedBy(views, named, leaked, isAlias))
      view.context.bans.add(view.reference.name, hashesOf(view, leaked));
  const names = new Set(named.map(({ reference }) => reference.name));
  for (const view of views) if (names.has(view.reference.name)) applyTo(client, view, named, payload);
  client.snapshot?.onDrop();
  for (const store of new Set(named.flatMap((view) => view.source.stores())))
    client.track(store.withdraw(payload?.content));
  for (const view of named) if (view.isDropped) view.readOther();
}

/** An alias determines what has leaked; for a name, the Secret does, which may contain only a part. */
function leakedBy(
  views: readonly View<unknown>[],
  named: readonly View<unknown>[],
  { reference }: Secret<unknown>,
  isAlias: boolean,
): readonly View<unknown>[] {
  const own = views.find((view) => view.name === reference);
  return isAlias || own === undefined ? named : [own];
}

function applyTo(
  client: Client,
  view: View<unknown>,
  named: readonly View<unknown>[],
  payload: Payload | undefined,
): void {
  const version = payload?.version ?? view.current?.meta.version;
  const wasServed = view.applyBans();
  // The drop of a previous version is reported by the view of its alias.
  const isReported = named.includes(view) || (wasServed && view.reference.stage === "current");
  if (version === undefined || !isReported) return;
  client.deliveries.tell(() => client.report.emit({ type: "drop", reference: view.name, version }));
}

/** Returns the hashes of the values that the view keeps or recently served, and of those that `accepted` keeps. */
function hashesOfAll(client: Client, view: View<unknown>): readonly string[] {
  const alias = [...client.views].find(([, candidate]) => candidate === view)?.[0];
  const previous = alias === undefined ? undefined : client.previous.get(alias)?.secret;
  return [...view.heldHashes(), ...(previous === undefined ? [] : hashesOf(view, previous))];
}

function payloadOf(secret: unknown): Payload {
  const facts = factsOfSecret(secret) as Payload | undefined;
  if (facts !== undefined) return facts;
  throw new SecretError("INVALID_CONFIG", "`drop` of `invalidate()` must be `true` or a Secret of this client", {
    reason: "option",
    tip: "Pass the leaked Secret, as returned by `latest()` or `getSecret()` or passed to a change handler.",
  });
}
