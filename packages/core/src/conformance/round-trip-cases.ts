import type { SecretPayload } from "../contract/contract.ts";
import { expectPayload, expectThat } from "./assertions.ts";
import type { CaseDefinition, CaseFamily, Subject, Trial } from "./case.ts";
import { bytesOf, fieldsPayload, kindsOf, madeUpText, valuePayload } from "./fixture.ts";
import { withSession } from "./session.ts";

/** Contents that stores and decoders are known to alter. */
const contents: readonly (readonly [id: string, title: string, bytes: Uint8Array])[] = [
  ["all-bytes", "every byte from 0 to 255", Uint8Array.from({ length: 256 }, (_, index) => index)],
  ["empty", "no bytes at all", new Uint8Array()],
  ["64-kib", "64 KiB", bytesOf("0123456789abcdef".repeat(4096))],
  ["trailing-newline", "a trailing newline", bytesOf("s3cret-fixture\n")],
  ["trailing-crlf", "a trailing carriage return and newline", bytesOf("s3cret-fixture\r\n")],
  ["outer-space", "leading and trailing white space", bytesOf(" \ts3cret-fixture \n\n")],
  ["byte-order-mark", "a UTF-8 byte order mark", bytesOf("\uFEFFs3cret-fixture")],
  ["unicode", "text beyond ASCII", bytesOf("s3cret-fixture-äß-密-🔑")],
  ["shell", "quotes, dollars and backslashes", bytesOf(`s3cret "fixture" 'a' $HOME \${X} \\n #b = c`)],
  ["json", "text that happens to be a JSON object", bytesOf('{"s3cret":"fixture"}')],
];

/** Field keys that are known to cause errors in layouts and objects. */
const keys: readonly (readonly [id: string, key: string])[] = [
  ["dot", "tls.crt"],
  ["slash", "group/user"],
  ["dash", "api-key"],
  ["underscore", "_api_key"],
  ["unicode", "schlüssel-密"],
  ["proto", "__proto__"],
  ["constructor", "constructor"],
  ["to-string", "toString"],
];

/** Cases: a read returns the stored bytes exactly, in the stored payload kind. */
export const roundTripCases: CaseFamily = (subject) => [
  ...contents.map(([id, title, bytes]) => contentCase(subject, "value", id, title, bytes)),
  ...contents.map(([id, title, bytes]) => contentCase(subject, "fields", id, title, bytes)),
  ...keys.map(([id, key]) => keyCase(subject, id, key)),
  ...[1, 2, 20].map((count) => kindCase(subject, count)),
];

function contentCase(
  subject: Subject,
  kind: SecretPayload["kind"],
  id: string,
  title: string,
  bytes: Uint8Array,
): CaseDefinition {
  return {
    id: `round-trip.${kind}.${id}`,
    title: `${kind === "value" ? "a value" : "a field"} of ${title} comes back as it was written`,
    skip: absentKind(subject, kind) ?? reason(subject.harness.acceptsBytes?.(bytes)),
    run: (trial) => roundTrip(trial, kind === "value" ? valuePayload(bytes) : fieldsPayload([["password", bytes]])),
  };
}

function keyCase(subject: Subject, id: string, key: string): CaseDefinition {
  return {
    id: `round-trip.key.${id}`,
    title: `the field key ${JSON.stringify(key)} comes back as it was written`,
    skip: absentKind(subject, "fields") ?? reason(subject.harness.acceptsField?.(key)),
    run: (trial) =>
      roundTrip(
        trial,
        fieldsPayload([
          [key, madeUpText()],
          ["other", madeUpText()],
        ]),
      ),
  };
}

function kindCase(subject: Subject, count: number): CaseDefinition {
  const entries = Array.from({ length: count }, (_, index) => [`key${index}`, madeUpText()] as const);
  return {
    id: `round-trip.kind.fields-${count}`,
    title: `${count === 1 ? "a single field is" : `${count} fields are`} answered as fields`,
    skip: absentKind(subject, "fields"),
    run: (trial) => roundTrip(trial, fieldsPayload(entries)),
  };
}

async function roundTrip(trial: Trial, payload: SecretPayload): Promise<void> {
  const path = trial.path();
  await trial.harness.put(path, payload);
  await withSession(trial, async (session) => {
    const result = await session.read(path);
    expectPayload(result.payload, payload, "the answer");
    expectThat(
      trial.supports.payload === "both" || trial.supports.payload === result.payload.kind,
      `it answered ${result.payload.kind}, but supports.payload says ${trial.supports.payload}`,
    );
  });
}

function absentKind(subject: Subject, kind: SecretPayload["kind"]): string | undefined {
  if (kindsOf(subject).includes(kind)) return undefined;
  return subject.supports.payload === "both" || subject.supports.payload === kind
    ? `the harness writes no ${kind} payloads`
    : `supports.payload is "${subject.supports.payload}"`;
}

function reason(accepted: true | string | undefined): string | undefined {
  return typeof accepted === "string" ? accepted : undefined;
}
