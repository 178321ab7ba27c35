import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../../src/redact/redactor.ts";
import { leakIn } from "./leak-oracle.ts";
import { outputChannels } from "./output-channels.ts";
import { secretKinds } from "./secret-kinds.ts";

/** As docs/redaction.md lists them under "Not masked": kind of secret, channel. */
const notMasked: readonly string[] = ["password of 24 characters / cut at the beginning"];

const kinds = Object.entries(secretKinds);
const channels = Object.entries(outputChannels);

/** Each kind of secret in each channel, of which part of it comes out. */
function leakingPairs(redact: (text: string) => string): readonly string[] {
  return kinds.flatMap(([kind, secret]) =>
    channels
      .filter(([, print]) => leakIn(redact(print(secret)), secret) !== undefined)
      .map(([name]) => `${kind} / ${name}`),
  );
}

function redactorOfAll(): Redactor {
  const redactor = createRedactor();
  for (const [kind, secret] of kinds) redactor.register(secret, { name: kind });
  return redactor;
}

describe("the channels", () => {
  test("print each secret so that the oracle finds it, but for cuts that leave too little", () => {
    const found = new Set(leakingPairs((text) => text));
    const all = kinds.flatMap(([kind]) => channels.map(([name]) => `${kind} / ${name}`));
    expect(found.size).toBeGreaterThanOrEqual(195);
    expect(all.filter((pair) => !found.has(pair))).toEqual([
      "password of 12 characters / cut at the end",
      "password of 12 characters / cut at the beginning",
    ]);
  });
});

describe("what a redactor leaves in them", () => {
  test("is what the documentation lists", () => {
    const { redact } = redactorOfAll();
    const leaks = leakingPairs((text) => redact(text));
    expect(leaks).toEqual(notMasked);
    expect(leaks.length).toBeLessThanOrEqual(13);
  });

  test("is no more when the output is the message of a line of JSON", () => {
    const { redactJson } = redactorOfAll();
    const leaks = leakingPairs((text) => {
      const line = redactJson(JSON.stringify({ level: 30, msg: text }));
      expect(JSON.parse(line)).toMatchObject({ level: 30 });
      return line;
    });
    expect(leaks.filter((pair) => !notMasked.includes(pair))).toEqual([]);
  });

  test("is masked with the marker of the secret, never another", () => {
    for (const [kind, secret] of kinds) {
      const redactor = createRedactor();
      redactor.register(secret, { name: "n" });
      for (const [name, print] of channels) {
        if (notMasked.includes(`${kind} / ${name}`) || name.startsWith("cut")) continue;
        expect(redactor.redact(print(secret)), `${kind} / ${name}`).toContain("[REDACTED:n]");
        expect(redactor.find(print(secret)), `${kind} / ${name}`).toEqual(["n"]);
      }
    }
  });
});

test("the documentation lists the same", ({ skip }) => {
  const page = new URL("../../../../docs/redaction.md", import.meta.url);
  if (!existsSync(page)) skip("docs/redaction.md is not written yet");
  expect(pairsListedIn(readFileSync(page, "utf8"))).toEqual([...notMasked].sort());
});

test("a table in the documentation is read as it is meant", () => {
  const table = "| kind of secret | channel |\n| --- | --- |\n| token, UUID | a |\n| all | b |\n";
  const page = `# Redaction\n\n| token | c |\n\n## Not masked\n\n${table}\n## Next\n\n| token | d |\n`;
  expect(pairsListedIn(page)).toEqual(["token / a", "UUID / a", ...kinds.map(([kind]) => `${kind} / b`)].sort());
});

/** The rows of the table under "Not masked": kinds, separated by commas, or "all"; then the channel. */
function pairsListedIn(page: string): readonly string[] {
  const [, section = ""] = page.split(/^#+ Not masked$/m);
  const [rows = ""] = section.split(/^#/m);
  const cells = [...rows.matchAll(/^\| *([^|]+?) *\| *([^|]+?) *\|/gm)].slice(2);
  return cells
    .flatMap(([, listed = "", channel = ""]) => {
      const named = listed === "all" ? kinds.map(([kind]) => kind) : listed.split(/, */);
      return named.map((kind) => `${kind} / ${channel}`);
    })
    .sort();
}
