import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mistakes } from "./mistakes.ts";

const root = new URL("../../../../", import.meta.url);
const printed = "packages/examples/test/first-hour/mistakes.ts";
const core = "packages/core/src";

/** Each mistake of the first hour that was tried, and where a test shows what happens now: a file, and a part of a title in it. */
const sheet: readonly (readonly [mistake: string, file: string, title: string])[] = [
  ["1 wrong import", "scripts/check-packages.ts", "exports what its source names, silently"],
  [
    "2 require()",
    "packages/e2e/src/consumers/service.e2e.ts",
    "the ES modules and the CommonJS build work in one process",
  ],
  ["3 latest before ready", printed, "a secret is read before ready"],
  ["4 declares:, createSecrets(declared)", printed, "declare is misspelt"],
  ["5 adapters forgotten, or a list", printed, "adapters are a list"],
  ["6 the record instead of declareSecrets", `${core}/declare/declare.test.ts`, "the declarations themselves"],
  ["7 wrong options of a declaration", printed, "declarations have wrong options"],
  ["8 a misspelt alias, or a reference", printed, "a reference is read as an alias"],
  ["9 TACIT_CONFIG forgotten", printed, "TACIT_CONFIG is forgotten"],
  ["10 config file missing, or a directory", printed, "the config file does not exist"],
  ["11 JSON with a trailing comma", printed, "the config file has a trailing comma"],
  ["12 YAML with a tab or an unquoted **", `${core}/config/read-document.test.ts`, "Indent YAML with blanks."],
  ["13 an empty document", `${core}/config/read-document.test.ts`, "is refused when it is empty: %s"],
  ["14 YAML under another name, comments in JSON", `${core}/config/read-document.test.ts`, "JSON has no comments"],
  ["15 unknown provider, adapter, key", printed, "keys are misspelt, options of a provider too"],
  ["16 to: text, routes as an object", `${core}/config/load-config.test.ts`, "names the line of each problem in %s"],
  ["17 durations", `${core}/config/refused-documents.test.ts`, "duration"],
  ["18 a wrong fallbackOn", `${core}/config/refused-documents.test.ts`, 'fallbackOn: ["PERMISSION_DENIED"]'],
  ["19 patterns", `${core}/config/refused-documents.test.ts`, "a pattern with a slash in front"],
  ["20 no routes", `${core}/route/routing.test.ts`, "no-route"],
  [
    "21 an SDK that is not installed, a URL that is missing",
    "packages/providers/src/shared/cloud/optional-peer.test.ts",
    "sdk-missing",
  ],
  [
    "22 an unreadable file",
    "packages/providers/src/shared/files/denials.test.ts",
    "is said to be closed by a read and by diagnose: %s",
  ],
  ["23 the root is missing", printed, "the root is missing, and three aliases are behind it"],
  [
    "24 a wrong case of a name or field",
    "packages/providers/src/env/provider.test.ts",
    "a variable that differs only in case is named beside those that would have served",
  ],
  ["25 a value of another kind", `${core}/decode/text.test.ts`, "fields-not-value"],
  ["26 base64", `${core}/decode/base64.test.ts`, "base64"],
  ["27 two forms of a variable", "packages/providers/src/env/provider.test.ts", "ambiguous"],
  ["28 .env that nobody reads", printed, "TACIT_CONFIG is forgotten"],
  ["29 dotenv after createSecrets", "packages/providers/src/env/provider.test.ts", 'dotenv: at(".env")'],
  ["30 close forgotten", `${core}/client/unhandled.test.ts`, "nobody awaits"],
  ["31 use after close", printed, "a client is used after its end"],
  ["32 a Secret in a template, spread, or printed", `${core}/secret/secret-printing.test.ts`, "shows its marker by %s"],
  [
    "33 a revealed value is changed",
    "packages/core/test/behaviour/credentials.test.ts",
    "bytes that are handed out are copies",
  ],
  ["34 nobody awaits ready", printed, "nobody awaits ready"],
  [
    "35 a wrong event name, listener or option",
    `${core}/client/options.test.ts`,
    "a call with an option that it does not have, or of another type",
  ],
  ['36 grace: "30 s"', printed, "a duration has a blank"],
  ["37 bundlers", "packages/e2e/src/consumers/bundles.e2e.ts", "a function that %s bundles without settings"],
  ["38 two copies of core", `${core}/redact/redactor.test.ts`, "is one for all copies of the package, out of sight"],
  [
    "39 fake timers, mocks",
    "packages/core/src/testing/fake-timers.test.ts",
    "a mock works while vitest fakes everything that it can",
  ],
  [
    "40 a Nest module that is not imported",
    "packages/nestjs/src/tacit-module.test.ts",
    "fails the start for an alias that is not declared, and names the nearest",
  ],
  ["41 TypeScript", `${core}/client/secrets.test-d.ts`, "with a misspelt key or a wrong value does not compile"],
  ["F1 NaN in the scheduler", `${core}/time/scheduler.test.ts`, "a delay of %j disturbs no other task"],
  ["F5 why a value was refused", `${core}/view/refusal-words.test.ts`, "who threw, which code it had, and its words"],
  ["F12 two Secrets are told apart", `${core}/secret/secret.test.ts`, "tells two Secrets apart"],
  ["F16 SIGTERM during the start", "packages/examples/src/node-http/service.test.ts", "ends it quietly"],
  ["F17 503 before ready", "packages/examples/src/express-service/service.test.ts", "is answered with 503, not 500"],
];

test.each(sheet)("mistake %s is shown by %s: %s", (_mistake, file, title) => {
  expect(readFileSync(new URL(file, root), "utf8")).toContain(title);
});

test("every mistake of the sheet is there", () => {
  const numbers = sheet.map(([mistake]) => Number.parseInt(mistake, 10)).filter(Number.isFinite);
  expect(numbers).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
  expect(new Set(mistakes.map(({ title }) => title)).size).toBe(mistakes.length);
});
