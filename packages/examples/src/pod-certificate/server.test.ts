import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createSecrets } from "@tacit/core";
import { file } from "@tacit/providers/file";
import { expect, test } from "vitest";
import { type Certificate, createAuthority, issueCertificate } from "../certificates.ts";
import { portOf } from "../port-of.ts";
import { createWorkloadServer, declared } from "./server.ts";

const manifest = readFileSync(new URL("deployment.yaml", import.meta.url), "utf8");
const source = readFileSync(new URL("server.ts", import.meta.url), "utf8");

/** Writes both files as the kubelet does: a new tree, then one rename of `..data`. */
function publish(volume: string, revision: number, pair: Certificate, authority: Certificate): void {
  const tree = `..2026_12_01_00_00_0${revision}.${revision}`;
  mkdirSync(join(volume, tree), { recursive: true });
  writeFileSync(join(volume, tree, "credentialbundle.pem"), `${pair.key}\n${pair.cert}`);
  writeFileSync(join(volume, tree, "trust.pem"), authority.cert);
  symlinkSync(tree, join(volume, "..data_tmp"));
  renameSync(join(volume, "..data_tmp"), join(volume, "..data"));
}

test("the bundle of a pod certificate serves new connections as soon as the kubelet has written the next one", async () => {
  const root = mkdtempSync(join(tmpdir(), "tacit-workload-"));
  const authority = await createAuthority("example.com/workloads");
  const [first, second, peer] = await Promise.all(
    ["first", "second", "peer"].map((name) => issueCertificate(authority, name)),
  );
  if (first === undefined || second === undefined || peer === undefined) throw new Error("no certificate was issued");
  const volume = join(root, "identity");
  publish(volume, 1, first, authority);
  const secrets = createSecrets({
    adapters: { file },
    declare: declared,
    config: { providers: { mount: { use: "file", root } }, routes: [{ match: "**", to: ["mount"] }] },
  });
  await secrets.ready();
  const server = createWorkloadServer(secrets, (_request, response) => response.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const shown = async (): Promise<string> => {
    const options = { host: "127.0.0.1", port: portOf(server), agent: false, ca: authority.cert, ...peer } as const;
    const [response] = await once(get(options), "response");
    const { subject } = (response.socket as TLSSocket).getPeerCertificate();
    await once(response.resume(), "close");
    return String(subject.CN);
  };
  try {
    expect(await shown()).toBe("first");
    expect(secrets.latest("identity").meta.expiresAt).toBeInstanceOf(Date);
    publish(volume, 2, second, authority);
    await expect.poll(shown).toBe("second");
  } finally {
    server.close();
    await secrets.close();
    rmSync(root, { recursive: true });
  }
});

test("the manifest mounts both files below the root of its document, under the declared names", () => {
  const root = /root: (\S+) \}/.exec(manifest)?.[1];
  const mounted = /name: identity, mountPath: ([^,]+),/.exec(manifest)?.[1];
  const paths = [...manifest.matchAll(/^ +(?:credentialBundlePath|path): (\S+)$/gm)].map(([, path]) => path);
  const names = [...source.matchAll(/\bref: "([^"]+)"/g)].map(([, ref]) => ref);
  expect(paths.map((path) => `${mounted}/${path}`)).toEqual(names.map((name) => `${root}/${name}`));
  expect(manifest).toContain(`allow: [${names.join(", ")}]`);
});
