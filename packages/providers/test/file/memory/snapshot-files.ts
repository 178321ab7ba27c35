import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecrets } from "@tacit/core";
import { adapters, keys } from "../../../src/index.ts";
import type { MemoryCase, MemoryCases } from "./memory-cases.ts";
import { filled } from "./mutations.ts";

const cap = 64 * 1024 * 1024;
const home = mkdtempSync(join(tmpdir(), "tacit-memory-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));
const path = join(home, "app.snapshot");
const localKey = randomBytes(32);
writeFileSync(join(home, "key"), localKey.toString("base64"));

/** A client whose store is down starts: it asks the snapshot. Returns the reason why that was refused. */
async function start(): Promise<string> {
  const secrets = createSecrets({
    strict: false,
    declare: { a: { ref: "a" } },
    adapters,
    keys,
    config: {
      providers: { store: { use: "file", root: join(home, "missing") } },
      routes: [{ match: "**", to: ["store"] }],
      snapshot: { path, keys: [{ use: "local", key: { $file: join(home, "key") } }], maxAge: "24h" },
    },
  } as never);
  const refused = new Promise<string>((resolve) => {
    secrets.events.on("snapshot-failed", ({ reason = "none" }) => resolve(reason));
  });
  secrets.ready({ timeout: "5m" } as never).catch(() => undefined);
  const reason = await refused;
  await secrets.close();
  return reason;
}

const opened = (title: string, build: () => Buffer): MemoryCase => ({
  title,
  async run() {
    writeFileSync(path, build(), { mode: 0o600 });
    globalThis.gc?.();
    return [await start()];
  },
});

/** A data key that the local key has wrapped, so that the seal of a file is computed. */
function wrappedKey(): string {
  const [nonce, context] = [randomBytes(12), { format: "tacit-snapshot", version: "1" }];
  const cipher = createCipheriv("aes-256-gcm", localKey, nonce);
  cipher.setAAD(Buffer.from(JSON.stringify(Object.entries(context))));
  const sealed = Buffer.concat([nonce, cipher.update(randomBytes(32)), cipher.final(), cipher.getAuthTag()]);
  return JSON.stringify({ use: "local", ciphertext: sealed.toString("base64"), context });
}

const head = (): string => `{"format":"tacit-snapshot","version":1,"key":${wrappedKey()},"body":"`;
const tail = `","seal":"${Buffer.alloc(32).toString("base64")}"}`;

/** Snapshot files that somebody without their key wrote. */
export const format: MemoryCases = {
  warmUp: async () => {
    writeFileSync(path, `${head()}${tail}`, { mode: 0o600 });
    return start();
  },
  cases: [
    opened("a list of numbers", () => filled('{"a":[', "1,", cap, "1]}")),
    opened("a list of maps", () => filled('{"a":[', "{},", cap, "{}]}")),
    opened("nested lists", () => filled('{"a":', "[", cap)),
    opened("a member of numbers before the body", () => filled('{"a":[', "1,", cap, `1],${head().slice(1)}${tail}`)),
    opened("a body of letters", () => filled(head(), "x", cap, tail)),
    opened("a body of escapes", () => filled(head(), "\\u00e9", cap, tail)),
    opened("a body of other alphabets", () => filled(head(), "é", cap, tail)),
    opened("a seal without end", () => filled(`${head()}","seal":"`, "A", cap, '"}')),
    opened("a key without end", () =>
      filled('{"format":"tacit-snapshot","version":1,"key":{"use":"', "A", cap, `"},"body":"${tail}`),
    ),
  ],
};
