import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { ApiDouble } from "../../../test/kubernetes/api-double.ts";
import { type KubernetesFixture, openFixture, read } from "../../../test/kubernetes/fixture.ts";
import { execUser, KubeconfigFiles } from "../../../test/kubernetes/kubeconfig-files.ts";

const files = new KubeconfigFiles();
afterAll(() => files.remove());

const absent = { status: "not-found", definitive: true };
let scripts = 0;

/** Creates an exec plugin that counts its runs in a file. */
function plugin(fixture: KubernetesFixture, script: string): object {
  const file = files.text(`${++scripts}.cjs`, script.replace("TOKEN", fixture.tokens.at(-1) ?? ""));
  return execUser(process.execPath, { args: [file], env: null });
}

const counting = `require("node:fs").appendFileSync(__filename + ".runs", "x");`;
const printing = (answer: object): string => `process.stdout.write(${JSON.stringify(JSON.stringify(answer))});`;
const answering = counting + printing({ kind: "ExecCredential", status: { token: "TOKEN" } });

describe("a kubeconfig", () => {
  test.each([
    ["its current context", {}, { namespace: "mine" }, "mine"],
    ["the context that is asked for", { context: "elsewhere" }, {}, "elsewhere"],
    ["the namespace `default`", {}, {}, "default"],
    ["the namespace of the options", { namespace: "apps" }, { namespace: "mine" }, "apps"],
  ])("leads to %s", async (_what, options, draft, namespace) => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ kubeconfig: files.config(fixture, draft), ...options });
    expect(await read(provider, "db")).toEqual(absent);
    expect(fixture.api.requests).toMatchObject([{ namespace, token: fixture.tokens.at(-1) }]);
    expect(fixture.host.protected.map(({ value }) => value)).toEqual([fixture.tokens.at(-1)]);
  });

  test("runs its plugin once for concurrent requests, and again after a refused login", async () => {
    await using fixture = await openFixture();
    const user = plugin(fixture, answering);
    const provider = await fixture.open({ kubeconfig: files.config(fixture, { user }) });
    await Promise.all(Array.from({ length: 20 }, (_, index) => read(provider, `db-${index}`)));
    await read(provider, "db");
    const runs = (): number => fixture.api.requests.length;
    expect(runs()).toBe(21);
    fixture.issue();
    await expect(read(provider, "db")).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
    const [script = ""] = (user as { exec: { args: string[] } }).exec.args;
    expect(readFileSync(`${script}.runs`, "utf8")).toBe("xx");
  });

  test("keeps its context when somebody switches to another one", async () => {
    await using fixture = await openFixture();
    const file = files.config(fixture, { namespace: "mine" });
    const provider = await fixture.open({ kubeconfig: file });
    await read(provider, "db");
    fixture.issue();
    files.config(fixture, { namespace: "mine" }, basename(file));
    writeFileSync(file, readFileSync(file, "utf8").replace('"current-context":"here"', '"current-context":"away"'));
    expect(await read(provider, "db")).toEqual(absent);
    expect(fixture.api.requests.at(-1)?.namespace).toBe("mine");
  });

  test("whose plugin hangs stops waiting when the call is aborted", async () => {
    await using fixture = await openFixture();
    const user = plugin(fixture, "setTimeout(() => undefined, 3000);");
    const provider = await fixture.open({ kubeconfig: files.config(fixture, { user }) });
    const controller = new AbortController();
    const reading = provider.get({ path: "billing/db", version: "current" }, controller);
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  test.each([
    ["a plugin that prints a token and fails", `process.stderr.write("s3cret-fixture"); process.exit(1);`],
    ["a plugin that prints no credential", `process.stdout.write("s3cret-fixture");`],
    ["a plugin that prints nothing", ""],
    ["a plugin that prints null", `process.stdout.write("null");`],
    ["a plugin that prints a log line before its credential", `console.log("s3cret-fixture");${answering}`],
    ["a plugin that answers without a status", printing({ kind: "ExecCredential", spec: {} })],
    ["a plugin that has no credential to give", printing({ kind: "ExecCredential", status: {} })],
    ["a plugin that gives an empty token", printing({ kind: "ExecCredential", status: { token: "" } })],
    [
      "a plugin that gives a certificate without its key",
      printing({ kind: "ExecCredential", status: { clientCertificateData: "s3cret-fixture" } }),
    ],
    ["a plugin that is not there", undefined],
  ])("with %s is UNAUTHENTICATED, without a word of it, and sends nothing", async (_what, script) => {
    await using fixture = await openFixture();
    // Nobody may read, too: then a request without a login would be answered.
    fixture.api.tokens.add("");
    const user = script === undefined ? execUser("/nonexistent/s3cret-fixture") : plugin(fixture, script);
    const provider = await fixture.open({ kubeconfig: files.config(fixture, { user }) });
    const error = await read(provider, "db").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "kubeconfig-login" });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret-fixture");
    expect(fixture.api.requests).toEqual([]);
  });

  test("whose plugin returns an expired token runs it again for the next read", async () => {
    await using fixture = await openFixture();
    const status = { token: "TOKEN", expirationTimestamp: "2020-01-01T00:00:00Z" };
    const user = plugin(fixture, `${counting}${printing({ kind: "ExecCredential", status })}`);
    const provider = await fixture.open({ kubeconfig: files.config(fixture, { user }) });
    const [script = ""] = (user as { exec: { args: string[] } }).exec.args;
    const runs: number[] = [];
    for (const path of ["a", "b"]) {
      expect(await read(provider, path)).toEqual(absent);
      runs.push(readFileSync(`${script}.runs`, "utf8").length);
    }
    expect(runs[1]).toBeGreaterThan(runs[0] ?? 0);
  });

  test.each<[string, Record<string, unknown>, string | undefined, string]>([
    ["no file", { kubeconfig: "/nonexistent/config" }, undefined, "kubeconfig"],
    ["no YAML", {}, "s3cret-fixture: [", "kubeconfig"],
    ["no clusters", {}, "{}", "kubeconfig"],
    ["no such context", { context: "absent" }, undefined, "kubeconfig"],
  ])("that has %s is INVALID_CONFIG", async (_what, options, text, reason) => {
    await using fixture = await openFixture();
    const file = files.config(fixture, {});
    if (text !== undefined) writeFileSync(file, text);
    const provider = await fixture.open({ kubeconfig: file, ...options });
    const error = await read(provider, "db").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret-fixture");
  });

  test("that disables certificate checks is refused unless the config document disables them, too", async () => {
    await using fixture = await openFixture();
    const cluster = { "certificate-authority-data": undefined, "insecure-skip-tls-verify": true };
    const kubeconfig = files.config(fixture, { cluster });
    const failure = { code: "INVALID_CONFIG", reason: "insecure-tls" };
    await expect(read(await fixture.open({ kubeconfig }), "db")).rejects.toMatchObject(failure);
    expect(await read(await fixture.open({ kubeconfig, tls: { verify: false } }), "db")).toEqual(absent);
  });

  test("that names an http server elsewhere is INVALID_CONFIG, before a byte is sent", async () => {
    await using fixture = await openFixture();
    const kubeconfig = files.config(fixture, { cluster: { server: "http://api.example:80" } });
    const failure = { code: "INVALID_CONFIG", reason: "insecure-url" };
    await expect(read(await fixture.open({ kubeconfig }), "db")).rejects.toMatchObject(failure);
  });

  test("may name an http server on this machine, such as kubectl proxy", async () => {
    await using fixture = await openFixture();
    const api = new ApiDouble();
    await api.listen();
    api.tokens.add("");
    const kubeconfig = files.config(fixture, { user: {}, cluster: { server: `http://127.0.0.1:${api.port}` } });
    const provider = await fixture.open({ kubeconfig });
    expect(await read(provider, "db")).toEqual(absent);
    await provider.close?.();
    await api.close();
  });

  test("with a proxy-url uses that proxy and none of the environment", async () => {
    await using fixture = await openFixture();
    const kubeconfig = files.config(fixture, { cluster: { "proxy-url": "http://127.0.0.1:9" } });
    await expect(read(await fixture.open({ kubeconfig }), "db")).rejects.toMatchObject({ reason: "proxy" });
  });

  test("with a server name and a client certificate presents both", async () => {
    await using fixture = await openFixture();
    const { KubeconfigReader } = await import("./reader.ts");
    const pem = (text: string): string => Buffer.from(text).toString("base64");
    const user = { "client-certificate-data": pem("CERT"), "client-key-data": pem("KEY") };
    const kubeconfig = files.config(fixture, { user, cluster: { "tls-server-name": "store.example" } });
    const reader = new KubeconfigReader({ kubeconfig, tls: { verify: true } }, {}, fixture.host);
    expect((await reader.login(false)).tls).toEqual({
      ca: fixture.ca,
      certificate: "CERT",
      key: "KEY",
      names: {
        ca: "clusters[c].cluster.certificate-authority",
        certificate: "users[u].user.client-certificate",
        key: "users[u].user.client-key",
      },
      serverName: "store.example",
      verify: true,
    });
  });
});
