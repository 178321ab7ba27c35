import type { ProviderHost } from "@tacit/core/provider";
import type { SecretLocation } from "../secret.ts";
import { ContentTracker } from "./content-tracker.ts";
import { EventObject } from "./event-object.ts";
import type { WatchTarget } from "./loop.ts";

/** The watch of one Secret, for which `get` and `watch` on its name suffice. */
export function secretTarget(
  { namespace, name }: SecretLocation,
  host: Pick<ProviderHost, "clock" | "contentVersion">,
  hint: () => void,
): WatchTarget {
  const content = new ContentTracker(host);
  const newest = new EventObject(host.clock);
  let told: string | undefined;
  return {
    namespace,
    name,
    // With exactly this selector, an access rule with resourceNames applies.
    query: { fieldSelector: `metadata.name=${name}` },
    told: () => told,
    onObject: (event) => {
      told = event.deleted ? undefined : event.version;
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
