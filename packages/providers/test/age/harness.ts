import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceHarness } from "@tacit/core/conformance";
import { Encrypter } from "age-encryption";
import { age } from "../../src/age/index.ts";
import { openAgeProvider } from "../../src/age/provider.ts";
import { encryptedHarness } from "../encrypted-harness.ts";
import { testIdentity, testRecipient } from "./vectors.ts";

/** Files that hold one value each. */
export function ageHarness(): ConformanceHarness {
  return encryptedHarness({
    adapter: age,
    open: openAgeProvider,
    extension: ".age",
    options(home) {
      const file = join(home, "identity");
      writeFileSync(file, `# made for the tests\n${testIdentity}\n`);
      return { keys: [{ use: "age", identity: { $file: file } }] };
    },
    encrypt: async (payload) => encryptForTests(payload.kind === "value" ? payload.bytes : new Uint8Array()),
    credentials: () => [testIdentity],
    payloads: ["value"],
  });
}

/** Encrypts for the identity of the tests. */
export async function encryptForTests(content: Uint8Array | string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(testRecipient);
  return encrypter.encrypt(content);
}
