import { rmSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../../test/http-fixture.ts";
import { AccountMount } from "../../test/kubernetes/account-mount.ts";
import { forever, openFixture, podNamespace, read } from "../../test/kubernetes/fixture.ts";
import { ServiceAccountFiles } from "./in-cluster.ts";

const absent = { status: "not-found", definitive: true };

describe("the login of a pod", () => {
  test("uses the newest mounted token, without a refused request", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    for (let round = 0; round < 5; round += 1) {
      const token = fixture.issue();
      fixture.publish(token);
      expect(await read(provider, "db")).toEqual(absent);
      expect(fixture.api.requests.at(-1)?.token).toBe(token);
    }
    expect(fixture.api.refusals).toBe(0);
  });

  test.each([
    [{}, false],
    [{ context: "away" }, true],
  ])("with the options %o leaves the mounted token unused: %s", async (options, isUnused) => {
    await using fixture = await openFixture();
    const findings = await (await fixture.open(options)).diagnose?.(forever);
    expect(findings?.map(({ code }) => code).includes("service-account-token")).toBe(isUnused);
  });

  test("is read again at once after a refusal, and the request is repeated", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    await read(provider, "db");
    fixture.mount.overwrite("token", fixture.issue());
    expect(await read(provider, "db")).toEqual(absent);
    expect(fixture.api.refusals).toBe(1);
  });

  test("that is refused and has not changed is reported, and not sent again", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    const [token = ""] = fixture.tokens;
    fixture.issue();
    const error = await read(provider, "db").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused", tip: expect.any(String) });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(token);
    expect(fixture.api.refusals).toBe(1);
  });

  test.each([
    ["two lines", (token: string) => Buffer.from(`${token}\nsecond`)],
    ["UTF-16", (token: string) => Buffer.from(token, "utf16le")],
  ])("in %s is told as malformed, and sent nowhere", async (_what, written) => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    const [token = ""] = fixture.tokens;
    fixture.publish(written(token).toString());
    const error = await read(provider, "db").catch((thrown: unknown) => thrown);
    const tip = expect.stringContaining("line break");
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "credential-malformed", tip });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(token);
    expect(fixture.api.requests).toEqual([]);
  });

  test.each([
    ["a line end of Windows", "", "\r\n"],
    ["a byte order mark", "\uFEFF", ""],
  ])("may have %s around it in its file", async (_what, before, after) => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    const [token = ""] = fixture.tokens;
    fixture.publish(`${before}${token}${after}`);
    expect(await read(provider, "db")).toEqual(absent);
    expect(fixture.api.requests.at(-1)?.token).toBe(token);
  });

  test("never mixes two generations of its files, however fast they change", () => {
    const mount = new AccountMount();
    const files = new ServiceAccountFiles(mount.directory);
    for (let round = 1; round <= 500; round += 1) {
      mount.publish({ token: `${round}`, "ca.crt": `${round}`, namespace: `${round}` });
      expect(files.read()).toEqual({ token: `${round}`, ca: `${round}`, namespace: `${round}` });
    }
    mount.remove();
  });

  test("registers all tokens with the redactor under the same name", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    await read(provider, "db");
    fixture.publish(fixture.issue());
    await read(provider, "db");
    await read(provider, "db");
    expect(fixture.host.protected).toEqual(fixture.tokens.map((value) => ({ value, name: "conformance/token" })));
  });

  test("without a token is UNAUTHENTICATED, until one is mounted", async () => {
    await using fixture = await openFixture();
    rmSync(join(fixture.mount.directory, "..data"));
    const provider = await fixture.open({ namespace: podNamespace });
    const failure = { code: "UNAUTHENTICATED", reason: "service-account" };
    await expect(read(provider, "db")).rejects.toMatchObject(failure);
    fixture.publish(fixture.issue());
    expect(await read(provider, "db")).toEqual(absent);
  });

  test("reads plain files as well", async () => {
    await using fixture = await openFixture();
    rmSync(join(fixture.mount.directory, "..data"));
    const token = fixture.issue();
    for (const [name, content] of Object.entries({ token: `${token}\n`, "ca.crt": fixture.ca, namespace: "plain\n" }))
      fixture.mount.overwrite(name, content);
    expect(await read(await fixture.open(), "db")).toEqual(absent);
    expect(fixture.api.requests.at(-1)).toMatchObject({ token, namespace: "plain" });
  });

  test("trusts only the mounted certificate authority, and a new one as soon as it is published", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    const [token = ""] = fixture.tokens;
    fixture.publish(token, { "ca.crt": (await makeCertificate()).cert });
    await expect(read(provider, "db")).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "tls" });
    fixture.publish(token, { "ca.crt": "" });
    await expect(read(provider, "db")).rejects.toMatchObject({
      code: "UNAVAILABLE",
      reason: "tls",
      message: expect.stringContaining("/ca.crt` contains no certificate"),
    });
    fixture.publish(token);
    expect(await read(provider, "db")).toEqual(absent);
    fixture.publish(token, { "ca.crt": (await makeCertificate()).cert });
    const trusting = await fixture.open({ tls: { verify: false } });
    expect(await read(trusting, "db")).toEqual(absent);
    expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["tls-unverified"]);
  });

  test("never loads client-node", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    await read(provider, "db");
    await provider.diagnose?.(forever);
    const { execFileSync } = await import("node:child_process");
    const script = `
      import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) { if (url.includes("client-node")) process.exitCode = 9; return next(url, context); } });
      const { openKubernetesProvider } = await import(${JSON.stringify(new URL("./provider.ts", import.meta.url).href)});
      const { conformanceHost, parseOptions } = await import("@tacit/core/conformance");
      const { kubernetes } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
      const provider = openKubernetesProvider(await parseOptions(kubernetes, {}), conformanceHost(), {
        environment: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "9" },
        accountDirectory: ${JSON.stringify(fixture.mount.directory)},
      });
      await provider.get({ path: "db", version: "current" }, { signal: new AbortController().signal }).catch((error) => {
        process.stdout.write(error.reason);
      });
      await provider.close();`;
    const output = execFileSync(
      process.execPath,
      ["--conditions=@tacit/source", "--input-type=module", "--eval", script],
      { cwd: new URL("../..", import.meta.url).pathname, encoding: "utf8", timeout: 20_000 },
    );
    expect(output).toBe("connection-refused");
  });

  test("that the runtime must not read is reported as a denial by the runtime", async () => {
    await using fixture = await openFixture();
    const { execFileSync } = await import("node:child_process");
    const script = `
      const { ServiceAccountFiles } = await import(${JSON.stringify(new URL("./in-cluster.ts", import.meta.url).href)});
      try { new ServiceAccountFiles(${JSON.stringify(fixture.mount.directory)}).read(); }
      catch (error) { process.stdout.write(error.reason + ": " + error.tip); }`;
    const repository = new URL("../../../..", import.meta.url).pathname;
    const output = execFileSync(
      process.execPath,
      [
        "--permission",
        `--allow-fs-read=${repository}`,
        "--conditions=@tacit/source",
        "--input-type=module",
        "--eval",
        script,
      ],
      { cwd: repository, encoding: "utf8", timeout: 20_000 },
    );
    expect(output).toMatch(/^service-account: .*--allow-fs-read/);
  });

  test.each([
    ["127.0.0.1", "6443", "https://127.0.0.1:6443"],
    ["fd00::1", "443", "https://[fd00::1]:443"],
    ["[fd00::1]", "443", "https://[fd00::1]:443"],
    [" 127.0.0.1\n", " 6443 ", "https://127.0.0.1:6443"],
    ["0000:0000:0000:0000:0000:0000:0000:0001", "443", "https://[0000:0000:0000:0000:0000:0000:0000:0001]:443"],
    ["127.0.0.1", "", "https://127.0.0.1:443"],
    ["api.internal", undefined, "https://api.internal:443"],
  ])("goes to %s, port %s", async (host, port, url) => {
    const { inClusterLogin } = await import("./in-cluster.ts");
    await using fixture = await openFixture();
    const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
    const files = new ServiceAccountFiles(fixture.mount.directory);
    const access = inClusterLogin(environment, files, fixture.host, { verify: true });
    expect(await access.login(forever)).toMatchObject({ url, proxy: "none", tls: { ca: fixture.ca, verify: true } });
  });

  test.each([
    ["https://127.0.0.1", "443", "KUBERNETES_SERVICE_HOST"],
    ["s3cret-fixture host", "443", "KUBERNETES_SERVICE_HOST"],
    ["127.0.0.1:443", "443", "KUBERNETES_SERVICE_HOST"],
    ["user@host", "443", "KUBERNETES_SERVICE_HOST"],
    ["127.0.0.1", "tcp://10.0.0.1:443", "KUBERNETES_SERVICE_PORT"],
    ["127.0.0.1", "70000", "KUBERNETES_SERVICE_PORT"],
  ])("to %s, port %s, is INVALID_CONFIG, which names the variable", async (host, port, variable) => {
    await using fixture = await openFixture();
    const { environment } = fixture.processContext;
    environment.KUBERNETES_SERVICE_HOST = host;
    environment.KUBERNETES_SERVICE_PORT = port;
    const error = await read(await fixture.open(), "db").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "invalid",
      message: expect.stringContaining(variable),
    });
    expect(inspect(error, { depth: 10 })).not.toContain("s3cret-fixture");
  });
});
