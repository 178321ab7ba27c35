import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceHarness } from "@tacit/core/conformance";
import { kamus } from "../../src/kamus/index.ts";
import { openKamusProvider } from "../../src/kamus/provider.ts";
import { encryptedHarness } from "../encrypted-harness.ts";
import { encryptItem, KamusDouble } from "./double.ts";

/** Files of items below a root, and a Kamus that decrypts them. */
export async function kamusHarness(): Promise<ConformanceHarness> {
  const double = new KamusDouble();
  await double.listen();
  let token = "";
  const harness = encryptedHarness({
    adapter: kamus,
    open: openKamusProvider,
    extension: ".json",
    options(home) {
      token = join(home, "token");
      writeFileSync(token, double.token);
      return { url: double.url, auth: { method: "service-account", token: { $file: token } } };
    },
    async encrypt(payload) {
      if (payload.kind === "value") return encryptItem(payload.bytes);
      // Member by member, as a key may be `__proto__`.
      const members = [...payload.fields].map(
        ([key, bytes]) => `${JSON.stringify(key)}:${JSON.stringify(encryptItem(bytes))}`,
      );
      return `{${members.join(",")}}`;
    },
    credentials: () => [readFileSync(token, "utf8")],
  });
  return {
    ...harness,
    async close() {
      await harness.close();
      await double.close();
    },
  };
}
