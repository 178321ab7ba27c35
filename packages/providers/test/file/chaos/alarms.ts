/** Notes what must never happen in a process that runs a client; the list grows. */
export function listenForAlarms(): readonly string[] {
  const alarms: string[] = [];
  process.on("unhandledRejection", (reason) => void alarms.push(`unhandled rejection: ${nameOf(reason)}`));
  process.on("uncaughtException", (error) => void alarms.push(`uncaught exception: ${nameOf(error)}`));
  process.on("warning", ({ name, message }) => void alarms.push(`warning: ${name} ${message}`));
  return alarms;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.stack}` : typeof thrown;
}
