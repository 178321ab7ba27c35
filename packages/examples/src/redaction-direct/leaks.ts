import { createRedactor, type Redactor } from "@tacit/core/redact";

/** A redactor that tells where values would have come out; give it to `createSecrets({ redactor })` and to the loggers. */
export function createWatchedRedactor(alert: (text: string) => void): Redactor {
  return createRedactor({
    onLeak: ({ name, sink, encoding }) => alert(`${name} was masked in ${sink} as ${encoding}`),
    onWarning: ({ message }) => alert(message),
  });
}

/** A gate in front of what must be clean, such as a support bundle: it names the secrets that a text holds. */
export function assertClean(redactor: Redactor, text: string): void {
  const names = redactor.find(text);
  if (names.length > 0) throw new Error(`The text holds ${names.join(", ")}.`);
}
