import type { EventDescription, EventFacts, SecretEventLevel } from "./event-facts.ts";

type FactsOf<K extends EventFacts["type"]> = Extract<EventFacts, { readonly type: K }>;
type Descriptions = { readonly [K in EventFacts["type"]]: (facts: FactsOf<K>) => EventDescription };

/** Returns the level and the message of an event. */
export function describeEvent<K extends EventFacts["type"]>(facts: FactsOf<K>): EventDescription {
  return descriptions[facts.type as K](facts);
}

const descriptions: Descriptions = {
  ready: ({ secrets, absent }) => info(readiness(secrets, absent)),
  read: ({ provider, path, outcome, durationMs }) =>
    debug(`provider ${quote(provider)} answered for ${quote(path)}: ${outcome}, after ${Math.round(durationMs)} ms`),
  change: ({ reference, provider, reason }) => {
    const message = `${quote(reference)} ${changes[reason]} provider ${quote(provider)}`;
    return reason === "initial" ? debug(message) : info(message);
  },
  refused: ({ reference, code, reason, message }) =>
    warn(`${about(reference, line(message))} (${codeOf(code, reason)})`),
  delete: ({ reference, served, required }) => {
    const message = `${quote(reference)} was deleted from its store, ${serving(served)}`;
    return served || !required ? warn(message) : error(message);
  },
  drop: ({ reference }) => warn(`a leaked value of ${quote(reference)} was dropped and is refused from now on`),
  error: ({ reference, code, reason, served, required, message }) => {
    const sentence = `${about(reference, line(message))} (${codeOf(code, reason)}); ${serving(served)}`;
    return served || !required ? warn(sentence) : error(sentence);
  },
  expired: ({ reference, code, reason, required }) => {
    const message = `the last good value of ${quote(reference)} is no longer served (${codeOf(code, reason)})`;
    return required ? error(message) : warn(message);
  },
  snapshot: ({ reference, ageMs }) =>
    warn(`${quote(reference)} is served from the snapshot, ${seconds(ageMs)} after its store confirmed it`),
  "snapshot-failed": ({ action, reference, code, reason, message }) => {
    const subject = reference === undefined ? "" : ` for ${quote(reference)}`;
    return warn(`the snapshot could not be ${actions[action]}${subject}: ${line(message)} (${codeOf(code, reason)})`);
  },
  recovered: ({ reference, failures }) =>
    info(`${quote(reference)} can be read again, after ${plural(failures, "failure")}`),
  "lease-renewed": ({ provider, path, durationMs }) =>
    debug(`provider ${quote(provider)} renewed the lease of ${quote(path)} for ${seconds(durationMs)}`),
  "lease-not-renewed": ({ provider, path, code }) =>
    warn(`provider ${quote(provider)} did not renew the lease of ${quote(path)} (${code})`),
  "lease-lost": ({ provider, path }) =>
    warn(`provider ${quote(provider)} no longer knows the lease of ${quote(path)}; a new one is requested`),
  "lease-not-revoked": ({ provider, path, code, endsAt }) =>
    warn(`provider ${quote(provider)} did not revoke a lease of ${quote(path)} (${code}); it ends ${moment(endsAt)}`),
  overdue: ({ reference, ageMs }) =>
    warn(`${quote(reference)} is older than its rotation policy allows: ${seconds(ageMs)}`),
  unmasked: ({ reference }) =>
    warn(`${quote(reference)} has a value that is too short or too common to mask in output`),
  "provider-degraded": (facts) => warn(degradation(facts)),
  "provider-recovered": ({ provider }) => info(`provider ${quote(provider)} answers again`),
  "listener-failed": ({ reference, event, name, message, cause }) => {
    const subject = reference === undefined ? "" : ` for ${quote(reference)}`;
    const facts = [name, cause?.code, cause?.status].filter((fact) => fact !== undefined).join(" ");
    const why = message === undefined ? facts : `${name}: ${line(message)}`;
    return error(`a listener of "${event}"${subject} failed with ${why}`);
  },
  hit: ({ reference }) => debug(`${quote(reference)} was read from the cache`),
  reveal: ({ reference }) => debug(`${quote(reference)} was revealed`),
};

/** The event types, in the order of the documentation. */
export const eventTypes: readonly string[] = Object.keys(descriptions);

/** The event levels, least severe first. */
export const eventLevels: readonly SecretEventLevel[] = ["debug", "info", "warn", "error"];

const changes = {
  initial: "was loaded from",
  rotated: "has a new value from",
  recreated: "exists again in",
  lease: "has a new credential from",
} as const;

const actions = { read: "used", write: "written", remove: "removed" } as const;

function readiness(secrets: Readonly<Record<string, number>>, absent: number): string {
  const counts = Object.entries(secrets);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const from = counts.map(([provider, count]) => `${count} from ${quote(provider)}`).join(", ");
  const missing =
    absent === 0 ? "" : `; ${plural(absent, "optional secret")} ${absent === 1 ? "does" : "do"} not exist`;
  return `${plural(all, "secret")} ${all === 1 ? "is" : "are"} ready${from === "" ? "" : `: ${from}`}${missing}`;
}

function degradation({ provider, code, reference, tip }: FactsOf<"provider-degraded">): string {
  if (code === "fallback") return `${quote(reference ?? "")} is served by the fallback provider ${quote(provider)}`;
  if (code === "push-lost") return `provider ${quote(provider)} cannot push changes; they are found by polling`;
  if (tip !== undefined) return `provider ${quote(provider)}: ${tip} (${code})`;
  return `provider ${quote(provider)} does not answer (${code})`;
}

function serving(served: boolean): string {
  return served ? "its last good value is served" : "nothing is served";
}

function debug(message: string): EventDescription {
  return { level: "debug", message };
}

function info(message: string): EventDescription {
  return { level: "info", message };
}

function warn(message: string): EventDescription {
  return { level: "warn", message };
}

function error(message: string): EventDescription {
  return { level: "error", message };
}

/** Quotes and escapes a name, so that it cannot begin a new line in a log. */
function quote(name: string): string {
  return JSON.stringify(name);
}

/** Prefixes the reference, unless the message has it; an adapter's error does not know the reference. */
function about(reference: string, message: string): string {
  return message.includes(quote(reference)) ? message : `${quote(reference)}: ${message}`;
}

/** Joins the lines of a message; a message with several problems has one per line. */
function line(message: string): string {
  return message.replace(/\s*\n\s*/g, " ");
}

function codeOf(code: string, reason: string | undefined): string {
  return reason === undefined ? code : `${code}/${reason}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Formats a time; a store may report one outside the range of Date. */
function moment(date: Date): string {
  return Number.isNaN(date.getTime()) ? "by itself" : `at ${date.toISOString()}`;
}

function seconds(durationMs: number): string {
  return plural(Math.round(durationMs / 1_000), "second");
}
