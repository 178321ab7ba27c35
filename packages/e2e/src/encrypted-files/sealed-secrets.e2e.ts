import { describe, expect, test } from "vitest";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { contentOf, openFolder, run } from "./folder.ts";

const secret = (name: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "team" },
    data: { password: "czNjcmV0LWZpeHR1cmU=", empty: "" },
    stringData: { user: "app" },
  });

describe.skipIf(!hasPrograms("kubeseal"))("files of the real kubeseal", () => {
  test.each(["strict", "namespace-wide", "cluster-wide"])("%s opens as kubeseal itself opens it", async (scope) => {
    await using folder = openFolder();
    const [key, certificate] = [folder.keep("tls.key", ""), folder.keep("tls.crt", "")];
    const words = [
      "req",
      "-x509",
      "-newkey",
      "rsa:4096",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=test",
      "-keyout",
      key,
      "-out",
      certificate,
    ];
    expect((await run("openssl", words)).status).toBe(0);
    const call = ["--cert", certificate, "--scope", scope];
    const sealed = (await run(programPath("kubeseal"), call, { input: secret("db") })).output.toString();
    folder.write("db.json", sealed);
    const provider = await folder.open("sealed-secrets", { keys: [{ use: "sealed-secrets", key: { $file: key } }] });
    const recover = (input: string) =>
      run(programPath("kubeseal"), ["--recovery-unseal", "--recovery-private-key", key], { input });
    const { data } = JSON.parse((await recover(sealed)).output.toString()) as { data: Record<string, string | null> };
    const theirs = Object.entries(data).map(([name, value]) => [name, Buffer.from(value ?? "", "base64").toString()]);
    expect(await contentOf(provider, "db")).toEqual(Object.fromEntries(theirs));

    for (const [from, to] of [
      ['"name": "db"', '"name": "other"'],
      ['"namespace": "team"', '"namespace": "other"'],
    ] as const) {
      const changed = sealed.replaceAll(from, to);
      expect(changed).not.toBe(sealed);
      folder.write("db.json", changed);
      const isRefused = (await recover(changed)).status !== 0;
      const ours = await contentOf(provider, "db");
      if (isRefused) expect(ours).toEqual({ code: "INVALID_VALUE", reason: "no-key" });
      else expect(ours).toEqual(Object.fromEntries(theirs));
    }
  });
});
