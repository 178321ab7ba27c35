import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../../", import.meta.url);
const core = "packages/core/src";
const files = "packages/providers/src/shared/files";
const consumers = "packages/e2e/src/consumers";
const answers = "packages/examples/test/first-hour/answers.test.ts";
const printed = "packages/examples/test/first-hour/mistakes.ts";
const packed = "scripts/check-packages.ts";
const refused = `${core}/config/refused-documents.test.ts`;

/** A file, and the whole titles of tests in it, or of rows of their tables. */
type Shown = readonly [file: string, ...titles: string[]];

/** What was met in the first hour, and where a test shows what happens now: 41 mistakes, and the findings F1 to F26. */
const sheet: Readonly<Record<string, readonly Shown[]>> = {
  "1 a wrong import": [[printed, "imports are wrong"]],
  "2 require()": [
    [`${consumers}/service.e2e.ts`, "a service that is %s runs"],
    [`${core}/client/node-version.test.ts`, "refuses %s with a short message"],
  ],
  "3 latest before ready": [[printed, "a secret is read before ready"]],
  "4 declares:, createSecrets(declared)": [
    [printed, "declare is misspelt"],
    [`${core}/client/options.test.ts`, "createSecrets, given the declarations alone"],
  ],
  "5 adapters forgotten, or a list": [[printed, "adapters are forgotten", "adapters are a list"]],
  "6 the record instead of declareSecrets": [[`${core}/declare/declare.test.ts`, "the declarations themselves"]],
  "7 wrong options of a declaration": [[printed, "declarations have wrong options"]],
  "8 a misspelt alias, or a reference": [[printed, "an alias is misspelt", "a reference is read as an alias"]],
  "9 TACIT_CONFIG forgotten": [[printed, "TACIT_CONFIG is forgotten"]],
  "10 config file missing, or a directory": [
    [printed, "the config file does not exist"],
    [answers, "10 the config file is a directory"],
  ],
  "11 JSON with a trailing comma": [[printed, "the config file has a trailing comma"]],
  "12 YAML with a tab, an unquoted **, a wrong indent": [
    [printed, "a pattern in YAML is not quoted"],
    [`${core}/config/read-document.test.ts`, "Indent YAML with spaces."],
    [answers, "12 YAML with a wrong indent"],
  ],
  "13 an empty document, a list": [
    [`${core}/config/read-document.test.ts`, "is refused if it is empty: %s"],
    [answers, "13 a list as the document"],
  ],
  "14 YAML under another name, comments in JSON": [
    [
      `${core}/config/read-document.test.ts`,
      "It was read as JSON, since its name does not end in .yaml or .yml.",
      "JSON has no comments",
    ],
  ],
  "15 unknown provider, adapter, key": [
    [printed, "keys are misspelt, options of a provider too"],
    [answers, "15 type for use", "15 poll for pollInterval", "15 path for root"],
  ],
  "16 to: text, routes as an object": [
    [refused, "a route as text", "routes as an object"],
    [`${core}/config/load-config.test.ts`, "is refused with the file and the line of each problem in %s"],
  ],
  "17 durations": [
    [refused, "a bare number"],
    [answers, "17 a duration in words", "17 an ISO duration", "17 no unit"],
  ],
  "18 a wrong fallbackOn": [
    [refused, "a fallback on a denial"],
    [answers, "18 fallbackOn in small letters"],
  ],
  "19 patterns": [[answers, "19 a pattern that ends with a slash", "19 a pattern that goes no deeper"]],
  "20 no routes": [[answers, "20 no routes"]],
  "21 an SDK that is not installed, Vault without url, with a literal token, down": [
    [
      "packages/providers/src/shared/cloud/optional-peer.test.ts",
      "is INVALID_CONFIG with the command that installs %s",
    ],
    [answers, "21 Vault without an address", "21 a token that is written out"],
    ["packages/providers/src/vault/diagnose.test.ts", "reports that nothing listens at the address"],
  ],
  "22 an unreadable file": [[`${files}/denials.test.ts`, "is reported by a read and by diagnose: %s"]],
  "23 the root is missing, a file, ~ or a variable": [
    [printed, "the root is missing, and three aliases are behind it"],
    [answers, "23 the root is a file", "23 a root with a tilde", "23 a root with a variable"],
  ],
  "24 a wrong case of a name or field": [
    [answers, "24 a directory in another case", "24 a file in another case"],
    [answers, "24 a field in another case", "24 a selector in another case"],
    [
      "packages/providers/src/env/provider.test.ts",
      "a variable that differs only in case is named beside those that would have served",
    ],
  ],
  "25 a value of another kind": [
    [answers, "25 a directory as text", "25 text as an object", "25 an empty value", "25 a blank value"],
    [answers, "25 a binary value"],
  ],
  "26 a trailing newline, base64": [
    [answers, "26 a final newline is no part of the value"],
    [`${core}/decode/base64.test.ts`, "reads %s", "refuses %s"],
  ],
  "27 two forms of a variable, _FILE missing": [
    [
      "packages/providers/src/env/provider.test.ts",
      "refuses to choose between %j",
      "that %s is told by the variable alone",
    ],
  ],
  "28 .env that nobody reads": [[printed, "TACIT_CONFIG is forgotten"]],
  "29 dotenv after createSecrets": [
    [answers, "29 a variable that is set after createSecrets, as dotenv may do, is read"],
  ],
  "30 close forgotten": [[printed, "close is forgotten"]],
  "31 use after close": [[printed, "a client is used after its end"]],
  "32 a Secret in a template, spread, or printed": [
    [answers, "32 a Secret has no members of its value, spread, in a template or in a Buffer"],
    [`${core}/secret/secret-printing.test.ts`, "shows its marker by %s", "shows no value by %s"],
  ],
  "33 a revealed value is changed": [
    [`${core}/decode/object.test.ts`, "reads %s as the same frozen plain object"],
    ["packages/core/test/behaviour/credentials.test.ts", "bytes that are handed out are copies"],
  ],
  "34 nobody awaits ready": [[printed, "nobody awaits ready"]],
  "35 a wrong event name, listener or option": [
    [`${core}/client/options.test.ts`, "%s(...%j) rejects", "%s(...%j) throws", "a watch refuses %s"],
    [`${core}/events/events.test.ts`, "of %j is refused where it would never be called"],
  ],
  '36 grace: "30 s", timeoutMs: "10s"': [
    [printed, "a duration has a blank"],
    ["packages/express/src/wrong-options.test.ts", "an option by its old name"],
  ],
  "37 bundlers": [[`${consumers}/bundles.e2e.ts`, "a function that %s bundles without settings"]],
  "38 two copies of core": [
    [`${consumers}/service.e2e.ts`, "the ES modules and the CommonJS build work in one process"],
    ["packages/core/test/behaviour/two-copies.test.ts", "what one copy declares and issues, the other reads and masks"],
  ],
  "39 fake timers, modules that are reset, a mock by alias": [
    [`${core}/testing/fake-timers.test.ts`, "a mock works while vitest fakes everything that it can"],
    ["packages/core/test/behaviour/two-copies.test.ts", "what one copy declares and issues, the other reads and masks"],
    [`${core}/testing/wrong-options.test.ts`, "values by alias"],
  ],
  "40 a Nest module that is not imported, a wrong alias": [
    [
      "packages/nestjs/src/tacit-module.test.ts",
      "injects watches where it is imported only, unless it is global",
      "fails the start for an alias that is not declared, and names the nearest",
    ],
    ["packages/nestjs/src/on-secret-change.test.ts", "fails the start for an alias that is not declared"],
  ],
  "41 TypeScript": [
    [`${core}/client/secrets.test-d.ts`, "with a misspelt key or a wrong value does not compile"],
    [
      `${core}/client/secrets.test-d.ts`,
      "refuses what no declaration has",
      "has the compile error at the unknown option",
    ],
    [`${core}/declare/declare.test.ts`, "a mask for a field that is not read"],
    [`${core}/decode/codecs.test-d.ts`, "names that the compiler does not know give fields that may be absent"],
  ],
  "F1 NaN in the scheduler": [
    [`${core}/time/scheduler.test.ts`, "a delay of %j disturbs no other task"],
    [`${core}/client/options.test.ts`, "%s(...%j) throws"],
    [
      `${core}/health/health.test.ts`,
      "is degraded when a store has confirmed nothing for several poll intervals, although nothing failed",
    ],
  ],
  "F2 options that are accepted in silence": [
    [`${core}/client/options.test.ts`, "%s(...%j) rejects", "%s(...%j) throws", "%s throws"],
    ["packages/express/src/wrong-options.test.ts", "%s is refused"],
    ["packages/nestjs/src/wrong-options.test.ts", "%s(...%j) is refused"],
    [`${core}/testing/wrong-options.test.ts`, "a mock refuses %s"],
  ],
  "F3 fake timers": [
    [`${core}/testing/fake-timers.test.ts`, "a mock works while vitest fakes everything that it can"],
    [
      "packages/examples/src/test-runners/runners.test.ts",
      "the mock serves tests of jest that fake timers for all of them",
      "the mock and a client serve tests that fake timers with sinon",
      "the mock serves tests of node:test",
    ],
  ],
  "F4 ready of a mock": [[`${core}/testing/fake-timers.test.ts`, "ready of a mock rejects at once on %s"]],
  "F5 why a value was refused": [
    [
      `${core}/view/refusal-words.test.ts`,
      "is reported in the message, events and health with the function that threw, its error code and its message",
      "that does not accept the value is reported by events and health with paths and codes",
      "shows nothing of a value that nobody revealed: %s",
    ],
  ],
  "F6 silent by default": [
    [`${core}/observe/log-events.test.ts`, "by pino with their facts and their message"],
    [`${core}/observe/metrics.test.ts`, "the metrics report past events and the current state"],
    [`${core}/events/node-debug.test.ts`, "NODE_DEBUG=%s prints what it names to standard error"],
    ["packages/nestjs/src/event-log.test.ts", "what goes wrong is logged by default, by the logger of the application"],
  ],
  "F7 bundlers": [[`${consumers}/bundles.e2e.ts`, "as %s, optional packages absent, reads a YAML document"]],
  "F8 Jest in CommonJS": [[`${consumers}/jest.e2e.ts`, "runs without a flag on Node $version"]],
  "F9 types under node10": [[`${consumers}/service.e2e.ts`, "compiles with TypeScript %s, declarations checked"]],
  "F10 errors name what to open": [
    [printed, "the config file does not exist", "TACIT_CONFIG is forgotten", "a file is missing"],
    [printed, "a value does not match its schema"],
    [refused, "a variable that is not set"],
    [`${core}/config/load-config.test.ts`, "is refused with the file and the line of each problem in %s"],
    [
      `${core}/client/ready.test.ts`,
      "reports a problem of several secrets without a reference, that of one with its own",
    ],
  ],
  "F11 one missing secret prints 40 lines": [[printed, "a file is missing"]],
  "F12 two Secrets are told apart": [[`${core}/secret/secret.test.ts`, "distinguishes two Secrets: %s"]],
  "F13 an older Node": [
    [`${core}/client/node-version.test.ts`, "refuses %s with a short message", "requires the version of the manifests"],
    [packed, "one sentence says which version is needed"],
  ],
  "F14 optional: false, a typed document": [
    [`${core}/declare/declare.test.ts`, "the declarations themselves"],
    [`${core}/client/secrets.test-d.ts`, "with a misspelt key or a wrong value does not compile"],
  ],
  "F15 a Secret in a header": [
    [answers, "32 a Secret has no members of its value, spread, in a template or in a Buffer"],
    ["docs/troubleshooting.md", "## A store or a service refuses `[REDACTED:…]`"],
  ],
  "F16 SIGTERM during the start": [
    [
      "packages/examples/src/node-http/service.test.ts",
      "a SIGTERM while the program waits for its secrets ends it quietly",
    ],
  ],
  "F17 503 before ready": [
    [
      "packages/examples/src/express-service/service.test.ts",
      "a request before the first pool is there is answered with 503, not 500",
    ],
  ],
  "F18 an optional provider without its root": [
    [
      `${core}/health/diagnose-answer.test.ts`,
      "a failed check does not repeat a finding of the adapter, and is no error if the provider is optional",
    ],
  ],
  "F19 decimals of ages, the name of the module in Nest's log": [
    [`${core}/health/health.test.ts`, "is degraded while an outage is bridged, with age and code, and ok after it"],
    [`${consumers}/nest.e2e.ts`, "injects, listens, tells its health and ends, on Node $version"],
  ],
  "F20 TACIT_CONFIG is empty": [[`${core}/config/read-document.test.ts`, "is by default the environment"]],
  "F21 hints for fields and case, one style of messages": [
    [`${files}/another-case.test.ts`, "the error of a missing path contains existing paths in another case: %s"],
    [`${core}/decode/object.test.ts`, "names the fields that %j most likely meant, none that is read already"],
    ["scripts/message-style.test.ts", "every SecretError that a test makes is looked at"],
  ],
  "F22 pino-http": [
    ["packages/express/src/redaction.test.ts", "a line of pino-http tells which error failed a request, masked"],
  ],
  "F23 manifests": [[packed, "the manifest holds what a registry shows, and nothing of this workspace"]],
  "F24 dependencies": [[packed, "packages installed"]],
  "F25 base64": [[`${core}/decode/base64.test.ts`, "reads %s"]],
  "F26 the JSON Schema": [
    [
      "scripts/config-schema.test.ts",
      "it describes every property, in unions, lists and records too",
      "editors know it by its address, and the docs by its path in the package",
    ],
  ],
};

const proofs = Object.entries(sheet).flatMap(([met, shown]) =>
  shown.flatMap(([file, ...titles]) => titles.map((title) => ({ met, file, title }))),
);

test.each(proofs)("$met is shown by $file: $title", ({ file, title }) => {
  const text = readFileSync(new URL(file, root), "utf8");
  // Whole titles in their quotes, so that no comment or longer title stands for one; documents and packed checks have others.
  const quoted = /\.ts$/.test(file) && file !== packed ? [`"${title}"`, `'${title}'`, `\`${title}\``] : [title];
  expect(quoted.some((whole) => text.includes(whole))).toBe(true);
});

test("every mistake and every finding is there, and each has a proof", () => {
  const mistakes = Array.from({ length: 41 }, (_, index) => `${index + 1}`);
  const findings = Array.from({ length: 26 }, (_, index) => `F${index + 1}`);
  expect(Object.keys(sheet).map((met) => met.split(" ")[0])).toEqual([...mistakes, ...findings]);
  expect(new Set(proofs.map(({ met }) => met)).size).toBe(67);
});
