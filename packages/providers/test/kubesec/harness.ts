import { createCipheriv, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceHarness } from "@tacit/core/conformance";
import { createMessage, encrypt, readPrivateKey } from "openpgp";
import { kubesec } from "../../src/kubesec/index.ts";
import { openKubesecProvider } from "../../src/kubesec/provider.ts";
import { encryptedHarness } from "../encrypted-harness.ts";
import { testFile } from "../test-file.ts";

const recipient = "31AC70EBAF30553D716D201CE1D5A7B2CEFC5E40";

/** Secrets of version 4 whose values are base64 below `data`. One data key serves all of them, as wrapping one takes long. */
export async function kubesecHarness(): Promise<ConformanceHarness> {
  const armored = testFile("kubesec", "open.asc").toString();
  const key = await readPrivateKey({ armoredKey: armored });
  const dataKey = randomBytes(32);
  const message = await createMessage({ binary: new Uint8Array(dataKey) });
  const wrapped = await encrypt({ message, encryptionKeys: key, signingKeys: key });
  const sealed = (plain: Uint8Array, boundTo: string): string => {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
    cipher.setAAD(Buffer.from(boundTo));
    const data = Buffer.concat([cipher.update(plain), cipher.final()]);
    return [...(data.length === 0 ? [] : [data]), iv, cipher.getAuthTag()]
      .map((part) => part.toString("base64"))
      .join(".");
  };
  const write = (fields: ReadonlyMap<string, Uint8Array>): string => {
    const values = [...fields].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")] as const);
    const data = values.map(([name, text]) => `  ${JSON.stringify(name)}: ${sealed(padded(text), name)}`);
    const sorted = values.toSorted(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    return [
      ...["apiVersion: v1", "kind: Secret", "metadata:", "  name: any", "data:", ...data],
      "# kubesec:v:4",
      `# kubesec:pgp:${recipient}:${Buffer.from(wrapped as string).toString("base64")}`,
      `# kubesec:mac:${sealed(new Uint8Array(), sorted.flat().join("") + recipient)}`,
      "",
    ].join("\n");
  };
  return encryptedHarness({
    adapter: kubesec,
    open: openKubesecProvider,
    extension: ".yaml",
    options(home) {
      const file = join(home, "key");
      writeFileSync(file, armored);
      return { keys: [{ use: "pgp", key: { $file: file } }] };
    },
    encrypt: async (payload) => write(payload.kind === "fields" ? payload.fields : new Map()),
    credentials: () => [armored],
  });
}

function padded(text: string): Uint8Array {
  return Buffer.concat([Buffer.from(text), Buffer.alloc((48 - (text.length % 48)) % 48)]);
}
