import type { Redactor } from "../redactor.ts";

/** The parts of Node that print URLs or headers, which contain tokens, without using a stream of the process. */
const talkativeParts = ["fetch", "undici", "websocket", "http", "https", "http2", "tls"];
const memoryDump = /^--(?:heapsnapshot-signal|heapsnapshot-near-heap-limit|abort-on-uncaught-exception)\b/;

/** Code -> a function that describes how the process exposes secrets without redaction; undefined if it does not. */
const exposures: Readonly<Record<string, (redactor: Redactor) => string | undefined>> = {
  TACIT_NODE_DEBUG() {
    const parts = talkativeParts.filter((part) => debuggedParts().test(part));
    if (parts.length > 0) return `NODE_DEBUG makes Node print requests (${parts.join(", ")}) without redaction.`;
  },
  TACIT_SECRET_IN_ARGV(redactor) {
    const names = namesIn([...process.argv, ...process.execArgv], redactor);
    if (names !== "") return `The arguments of this process contain ${names}: every user of the machine can list them.`;
  },
  TACIT_SECRET_IN_ENV(redactor) {
    const variables = { ...process.env };
    const names = namesIn(Object.values(variables), redactor);
    if (names !== "") return `The environment of this process contains ${names}: child processes inherit it.`;
  },
  TACIT_INSPECTOR() {
    if (isInspected()) return "The inspector is open: anyone who connects to it can read all memory.";
  },
  TACIT_MEMORY_DUMP() {
    const [option] = startOptions().flatMap((given) => memoryDump.exec(given) ?? []);
    if (option !== undefined) return `${option} lets Node write memory, and the secrets in it, to a file.`;
  },
  TACIT_DIAGNOSTIC_REPORT() {
    const { reportOnFatalError, reportOnSignal } = process.report;
    if (reportOnFatalError || reportOnSignal)
      return "Diagnostic reports hold arguments and messages without redaction.";
  },
};

/** The codes that were reported. */
const reported = new Set<string>();

/**
 * Warns once for each way in which this process exposes registered values without redaction. Values that are registered later
 * are not checked.
 */
export function warnOfExposure(redactor: Redactor): void {
  for (const [code, find] of Object.entries(exposures)) {
    const message = reported.has(code) ? undefined : find(redactor);
    if (message === undefined) continue;
    reported.add(code);
    process.emitWarning(redactor.redact(message), { code });
  }
}

function namesIn(texts: readonly (string | undefined)[], redactor: Redactor): string {
  return [...new Set(texts.flatMap((text) => redactor.find(text ?? "")))].join(", ");
}

/** Returns a pattern for the names in NODE_DEBUG, as Node reads it: separated by commas, with `*` as a wildcard. */
function debuggedParts(): RegExp {
  const names = process.env.NODE_DEBUG ?? "";
  const pattern = names
    .replace(/[|\\{}()[\]^$+?.]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll(",", "|");
  return new RegExp(`^(?:${pattern})$`, "i");
}

function isInspected(): boolean {
  try {
    return process.getBuiltinModule("node:inspector").url() !== undefined;
  } catch {
    // Node can be built without the inspector.
    return false;
  }
}

function startOptions(): readonly string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)];
}
