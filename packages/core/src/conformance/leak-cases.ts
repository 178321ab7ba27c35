import type { SecretPayload } from "../contract/contract.ts";
import { expectThat } from "./assertions.ts";
import { type CaseFamily, needs, type Trial } from "./case.ts";
import { bytesOf, contentsOf, kindsOf, madeUp } from "./fixture.ts";
import { provokeErrors } from "./provoked-errors.ts";
import { type Session, withSession } from "./session.ts";
import { findTrace, printed, type Trace, tracesOfHashes, tracesOfValue } from "./traces.ts";

/** Cases: only the payload contains a value, a credential, or a hash from which a value could be guessed. */
export const leakCases: CaseFamily = (subject) => [
  {
    id: "leaks.errors",
    title: "no error shows a value, a credential, or a hash of a value, however deep it is printed",
    run: (trial) =>
      forSecrets(trial, async (path, payload, session) => {
        const traces = allTraces(trial, payload);
        for (const { what, error } of await provokeErrors(trial, session, path))
          nothingIn(printed(error), traces, what);
      }),
  },
  {
    id: "leaks.metadata",
    title: "no version or label is or contains a value, a credential, or a hash of a value",
    run: (trial) =>
      forSecrets(trial, async (path, payload, { read }) => {
        const { version, labels = {}, createdAt, expiresAt } = await read(path);
        const shown = [version, ...Object.entries(labels).flat(), printed([createdAt, expiresAt])].join("\n");
        nothingIn(shown, allTraces(trial, payload), "the version and labels");
      }),
  },
  {
    id: "leaks.reports",
    title: "no warning, finding or name of a protected token shows a value or a credential",
    run: (trial) =>
      forSecrets(trial, async (path, payload, session) => {
        await session.read(path);
        await provokeErrors(trial, session, path);
        const findings = await session.provider.diagnose?.({ signal: new AbortController().signal });
        const names = session.host.protected.map(({ name }) => name);
        nothingIn(printed([session.host.warnings, findings, names]), allTraces(trial, payload), "a report");
      }),
  },
  {
    id: "leaks.debug-lines",
    title: "no debug line shows a value, a credential, or a hash of a value",
    skip: needs(subject, "debugLines"),
    run: (trial) =>
      forSecrets(trial, async (path, payload, session) => {
        await session.read(path);
        await provokeErrors(trial, session, path);
        nothingIn((trial.harness.debugLines?.() ?? []).join("\n"), allTraces(trial, payload), "a debug line");
      }),
  },
];

/** Runs with one stored secret of each kind. */
async function forSecrets(
  trial: Trial,
  run: (path: string, payload: SecretPayload, session: Session) => Promise<void>,
): Promise<void> {
  for (const kind of kindsOf(trial)) {
    const [path, payload] = [trial.path(kind), madeUp(kind)];
    await trial.harness.put(path, payload);
    await withSession(trial, (session) => run(path, payload, session));
  }
}

function allTraces(trial: Trial, payload: SecretPayload): readonly Trace[] {
  const contents = contentsOf(payload);
  const fields = payload.kind === "fields" ? [...payload.fields] : [];
  const json = JSON.stringify(Object.fromEntries(fields.map(([key, bytes]) => [key, Buffer.from(bytes).toString()])));
  const credentials = (trial.harness.credentials?.() ?? []).map((credential) =>
    typeof credential === "string" ? bytesOf(credential) : credential,
  );
  return [
    ...contents.flatMap((bytes) => tracesOfValue(bytes, "the value")),
    ...tracesOfHashes(contents, json),
    ...credentials.flatMap((bytes) => tracesOfValue(bytes, "a credential")),
  ];
}

function nothingIn(text: string, traces: readonly Trace[], what: string): void {
  const found = findTrace(text, traces);
  expectThat(found === undefined, `${what} shows ${found}`);
}
