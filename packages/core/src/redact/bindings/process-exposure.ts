import type { Redactor } from "../redactor.ts";

/** Parts of Node that print addresses or headers, where tokens are, by a way that no stream of the process sees. */
const talkativeParts = ["fetch", "undici", "websocket", "http", "https", "http2", "tls"];
const memoryDump = /^--(?:heapsnapshot-signal|heapsnapshot-near-heap-limit|abort-on-uncaught-exception)\b/;

/** code -> what shows secrets past any redactor; undefined if it does not */
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

/** codes that were told */
const told = new Set<string>();

/** Warns, once per kind, of what shows secrets of this process past any redactor. What is registered later is not looked for. */
export function warnOfExposure(redactor: Redactor): void {
  for (const [code, find] of Object.entries(exposures)) {
    const message = told.has(code) ? undefined : find(redactor);
    if (message === undefined) continue;
    told.add(code);
    process.emitWarning(redactor.redact(message), { code });
  }
}

function namesIn(texts: readonly (string | undefined)[], redactor: Redactor): string {
  return [...new Set(texts.flatMap((text) => redactor.find(text ?? "")))].join(", ");
}

/** As Node reads it: names with commas between them, `*` for anything. */
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
    // a Node that was built without it
    return false;
  }
}

function startOptions(): readonly string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)];
}
