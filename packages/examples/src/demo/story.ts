import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leakCheck } from "@tacit/core/testing";
import { type Ledger, openLedger } from "./ledger.ts";
import { mountVolume } from "./mounted-volume.ts";
import { milliseconds, type RotationReport, rotateUnderLoad } from "./rotations.ts";
import type { Screen } from "./screen.ts";
import { type ServiceProcess, startService } from "./service-process.ts";

/**
 * Rotates a mounted secret under a service that is busy, then starts the same service on environment variables.
 * @returns the sentence that sums it up
 * @throws if anything was not as it must be; never with a value in the message
 */
export async function tellStory(screen: Screen, serviceFile: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  await using resources = new AsyncDisposableStack();
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  return await Promise.race([bothActs(screen, serviceFile, resources), aborted.promise]);
}

async function bothActs(screen: Screen, serviceFile: string, resources: AsyncDisposableStack): Promise<string> {
  const ledger = openLedger();
  screen.print("\nTacit: one name, two stores, a value that reloads\n");
  screen.print("  A service answers each request with the secret db/primary, a user name and a password.");
  screen.print("  Another process writes that secret to a mounted directory, with the system calls of the kubelet.\n");
  const { report, output } = await actOnMount(screen, serviceFile, ledger, resources);
  const laterOutput = await actOnVariables(screen, serviceFile, ledger, resources);
  screen.progress("looking for secrets in everything that was written");
  // Before any line of it is shown.
  const { assertNoLeak } = leakCheck(ledger.values);
  assertNoLeak(output, laterOutput);
  const lines = (output + laterOutput).split("\n").length - 1;
  screen.print(
    `  leak check   none of ${ledger.values.length} values in ${count(lines)} lines of the service's log, such as`,
  );
  for (const message of ["answered", "rotated"]) screen.print(`               ${sampleOf(output, message)}`);
  screen.print();
  assertNoLeak(screen.written);
  return summaryOf(report);
}

async function actOnMount(
  screen: Screen,
  serviceFile: string,
  ledger: Ledger,
  resources: AsyncDisposableStack,
): Promise<{ readonly report: RotationReport; readonly output: string }> {
  screen.progress("starting the service on a mounted directory");
  const root = mkdtempSync(join(tmpdir(), "tacit-demo-"));
  resources.defer(() => rmSync(root, { recursive: true, force: true }));
  const volume = resources.use(mountVolume(join(root, "db", "primary")));
  await volume.write({ ...ledger.issue() });
  const service = resources.use(startService(serviceFile, { ...document("mount.json"), SECRETS_ROOT: root }));
  const { port } = await service.line("listening");
  const url = new URL(ledger.path, `http://127.0.0.1:${port}`);
  const report = await rotateUnderLoad(screen, ledger, volume, service, url);
  assertClean(report);
  await endOf(service);
  screen.print();
  return { report, output: service.output() };
}

async function actOnVariables(
  screen: Screen,
  serviceFile: string,
  ledger: Ledger,
  resources: AsyncDisposableStack,
): Promise<string> {
  screen.progress("starting the same service on environment variables");
  const { username, password } = ledger.issue();
  const variables = { DB_PRIMARY__USERNAME: username, DB_PRIMARY__PASSWORD: password };
  const service = resources.use(startService(serviceFile, { ...document("variables.json"), ...variables }));
  const { port, provider } = await service.line("listening");
  await ledger.expectNewest(new URL(ledger.path, `http://127.0.0.1:${port}`));
  await endOf(service);
  screen.print(`  other store  the same file and request, answered from provider "${provider}"`);
  return service.output();
}

function document(name: string): Readonly<Record<string, string>> {
  return { TACIT_CONFIG: join(import.meta.dirname, name) };
}

function assertClean({ failed, mixed, steppedBack }: RotationReport): void {
  if (failed > 0) throw new Error(`${failed} requests were not answered`);
  if (mixed > 0) throw new Error(`${mixed} requests saw a mixed pair`);
  if (steppedBack > 0) throw new Error(`${steppedBack} requests saw an older pair again`);
}

/** The client leaves nothing running: once the server is closed, the process ends without being told. */
async function endOf(service: ServiceProcess): Promise<void> {
  const code = await service.stop();
  if (code !== 0) throw new Error(`the service ended with exit code ${code}`);
}

/** The last line of that message, without what tells nothing. */
function sampleOf(output: string, message: string): string {
  const line = output.split("\n").findLast((text) => text.includes(`"msg":"${message}"`));
  const { db, target } = JSON.parse(line ?? "{}") as { readonly db?: string; readonly target?: string };
  return JSON.stringify({ msg: message, db, target });
}

function summaryOf({ rotations, delaysMs, answered }: RotationReport): string {
  const ordered = delaysMs.toSorted((left, right) => left - right);
  const median = milliseconds(ordered[Math.floor(ordered.length / 2)] ?? 0);
  const slowest = milliseconds(ordered.at(-1) ?? 0);
  return `ok: ${rotations} rotations heard in ${median} (slowest ${slowest}); ${count(answered)} requests, 0 failed, 0 mixed`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
