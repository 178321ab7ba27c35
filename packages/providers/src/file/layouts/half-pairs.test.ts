import { createSecrets, declareSecrets, tlsPair } from "@tacit/core";
import { createRedactor } from "@tacit/core/redact";
import { generate } from "selfsigned";
import { expect, test } from "vitest";
import { openFixture } from "../../../test/file/file-fixture.ts";
import type { RenameStep } from "../../../test/file/rename-writer.ts";
import { file } from "../index.ts";

async function pair(name: string): Promise<{ readonly cert: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], { keyType: "ec" });
  return { cert: `${cert.trimEnd()}\n`, key: `${key.trimEnd()}\n` };
}

const write = (name: string, content: string): RenameStep => ({ do: "write", name, content, style: "aws-csi" });

test("a certificate and a key that are written one by one are served as pairs only", { timeout: 30_000 }, async () => {
  await using fixture = openFixture();
  const writer = await fixture.renamer("tls");
  const pairs = await Promise.all(["a.example", "b.example", "c.example"].map(pair));
  const [first = await pair("a.example")] = pairs;
  await writer.run([write("tls.crt", first.cert), write("tls.key", first.key)]);
  const secrets = createSecrets({
    adapters: { file },
    declare: declareSecrets({ tls: { ref: "tls", as: tlsPair() } }),
    config: { providers: { mount: { use: "file", root: fixture.root } }, routes: [{ match: "**", to: ["mount"] }] },
    redactor: createRedactor(),
  });
  await secrets.ready();
  const served: string[] = [];
  const refusals = new Set<string>();
  secrets.events.on("refused", ({ reason }) => void refusals.add(reason));
  secrets.watch("tls").on("change", ({ current }) => void served.push(current.reveal().cert));
  for (const { cert, key } of [...pairs.slice(1), ...pairs]) {
    // Longer than the settle time, so that the half-written pair is read.
    await writer.run([write("tls.crt", cert), { do: "pause", ms: 300 }, write("tls.key", key)]);
    await expect.poll(() => served.at(-1)).toBe(cert);
    expect(secrets.latest("tls").reveal()).toEqual({ cert, key });
  }
  expect([...refusals]).toEqual(["key-mismatch"]);
  await secrets.close();
});
