import { kubesec } from "../../../src/kubesec/index.ts";
import { testFile } from "../../test-file.ts";
import type { MemoryCases } from "./memory-cases.ts";
import { filled, hostile, mutated, numbered } from "./mutations.ts";
import { readerOf } from "./written-file.ts";

const cap = 2 * 1024 * 1024;
const open = await readerOf(kubesec, [{ use: "pgp", file: "open.asc" }], cap);
const valid = testFile("kubesec", "v4.yaml");
const footer = valid.toString().slice(valid.indexOf("# kubesec:"));

/** A message of the cap. */
function largeMessage(): string {
  const armor = filled(
    "-----BEGIN PGP MESSAGE-----\n\n",
    `${"A".repeat(64)}\n`,
    cap / 2,
    "-----END PGP MESSAGE-----\n",
  );
  return `kind: Secret\ndata: {a: b}\n# kubesec:v:4\n# kubesec:pgp:A:${armor.toString("base64")}\n`;
}

/** Files of kubesec. */
export const format: MemoryCases = {
  async warmUp() {
    for (let round = 0; round < 10; round += 1) await open(valid);
  },
  cases: [
    hostile("recipients", () => filled(valid.toString(), "# kubesec:gcp:a:b\n", cap), open),
    hostile("one long value", () => filled("kind: Secret\ndata:\n  a: ", "A", cap, `\n${footer}`), open),
    hostile("a value of points", () => filled("kind: Secret\ndata:\n  a: ", ".", cap, `\n${footer}`), open),
    hostile("a list of numbers", () => filled("a: [", "1,", cap, `1]\n${footer}`), open),
    hostile("directives", () => filled("a: b\n", "%\n", cap, footer), open),
    hostile("keys", () => `kind: Secret\ndata:\n${numbered(40_000, (at) => `  k${at}: a\n`)}${footer}`, open),
    hostile("a message of PGP", largeMessage, open),
    mutated("v4.yaml", [valid], open),
  ],
};
