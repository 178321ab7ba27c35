import type { ProviderHost } from "@tacit/core/provider";
import type { SecretLocation } from "../secret.ts";
import { ContentTracker } from "./content-tracker.ts";
import { EventObject } from "./event-object.ts";
import type { WatchTarget } from "./loop.ts";

/** Creates the watch of one Secret, which needs only `get` and `watch` for its name. */
export function secretTarget(
  { namespace, name }: SecretLocation,
  host: Pick<ProviderHost, "clock" | "contentVersion">,
  hint: () => void,
): WatchTarget {
  const content = new ContentTracker(host);
  const newest = new EventObject(host.clock);
  let lastVersion: string | undefined;
  return {
    namespace,
    name,
    // An access rule with resourceNames applies to exactly this selector.
    query: { fieldSelector: `metadata.name=${name}` },
    lastVersion: () => lastVersion,
    onObject: (event) => {
      lastVersion = event.deleted ? undefined : event.version;
      if (!content.changes(event)) return;
      newest.came(event);
      hint();
    },
    onMissed() {
      newest.forget();
      hint();
    },
    take: () => newest.take(),
    wasRead: (_, version) => newest.wasRead(version),
  };
}
