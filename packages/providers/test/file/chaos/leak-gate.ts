import { channel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import type { SecretEvent, SecretEventType, StrictSecrets } from "@tacit/core";
import { marker } from "./pair.ts";

/** Everything that a client tells goes through here. */
export interface LeakGate {
  /** Looks for a value in whatever a client has handed out, but for a Secret's own `reveal()`. */
  look(where: string, told: unknown): void;
  /** Looks at the client itself: printed, its health, its findings. */
  lookAtAll(): Promise<void>;
  readonly events: readonly SecretEvent[];
  readonly leaks: readonly string[];
  /** `CODE/reason` -> how often it was told */
  readonly failures: Readonly<Record<string, number>>;
  readonly reads: number;
}

const types: readonly SecretEventType[] = [
  "read",
  "change",
  "refused",
  "delete",
  "error",
  "recovered",
  "overdue",
  "provider-degraded",
  "listener-failed",
];

/** Listens to all events of a client, and to their channels. */
export function openLeakGate(secrets: Pick<StrictSecrets<never>, "events" | "health" | "diagnose">): LeakGate {
  const events: SecretEvent[] = [];
  const leaks = new Set<string>();
  const failures: Record<string, number> = {};
  let reads = 0;
  const look = (where: string, told: unknown): void => {
    if (textsOf(told).some((text) => text.includes(marker))) leaks.add(where);
  };
  for (const type of types) {
    channel(`tacit:${type}`).subscribe((message) => look(`channel ${type}`, message));
    secrets.events.on(type, (event: SecretEvent) => {
      look(`event ${type}`, event);
      if (event.type === "read") reads += 1;
      else events.push(event);
      if (event.type !== "error") return;
      const failure = `${event.code}/${event.reason}`;
      failures[failure] = (failures[failure] ?? 0) + 1;
    });
  }
  return {
    look,
    async lookAtAll() {
      look("the client", secrets);
      look("health", secrets.health());
      look("diagnose", await secrets.diagnose());
    },
    events,
    failures,
    get leaks() {
      return [...leaks];
    },
    get reads() {
      return reads;
    },
  };
}

/** All ways in which a program that logs something may print it. */
function textsOf(told: unknown): readonly string[] {
  const texts = [inspect(told, { depth: 10, showHidden: true }), `${JSON.stringify(told)}`];
  if (told instanceof Error) texts.push(String(told), `${told.stack}`, inspect(told.cause, { depth: 10 }));
  return texts;
}
