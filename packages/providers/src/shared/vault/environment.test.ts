import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { makeCertificate, openHttpFixture } from "../../../test/http-fixture.ts";
import { forever, openFixture, read, rejection } from "../../../test/vault/fixture.ts";

const certificate = await makeCertificate();
const other = await makeCertificate();
const health = '{"sealed":false}';

describe("the address", () => {
  test.each([
    [{ VAULT_ADDR: "here" }],
    [{ BAO_ADDR: "here", VAULT_ADDR: "http://127.0.0.1:1" }],
    [{ VAULT_AGENT_ADDR: "here", VAULT_ADDR: "http://127.0.0.1:1", BAO_ADDR: "http://127.0.0.1:1" }],
    [{ BAO_ADDR: "", VAULT_ADDR: "here" }],
  ])("comes from %j if the document has none", async (variables) => {
    await using fixture = await openFixture();
    const here = `http://127.0.0.1:${fixture.double.port}`;
    for (const [name, text] of Object.entries(variables)) fixture.environment[name] = text === "here" ? here : text;
    const provider = await fixture.open({ url: undefined });
    await provider.check?.(forever);
  });

  test.each([
    ["a slash", (url: string) => `${url}/`],
    ["blanks around it", (url: string) => ` ${url} `],
    ["a line end", (url: string) => `${url}\n`],
  ])("may end with %s, as variables often do", async (_, written) => {
    await using fixture = await openFixture();
    fixture.environment.VAULT_ADDR = written(`http://127.0.0.1:${fixture.double.port}`);
    await (await fixture.open({ url: undefined })).check?.(forever);
  });

  test("without a scheme is an error with the name of the variable", async () => {
    await using fixture = await openFixture();
    fixture.environment.VAULT_ADDR = "vault.example:8200";
    expect(await rejection(fixture.open({ url: undefined }))).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("VAULT_ADDR"),
    });
  });

  test("in the document takes precedence over the environment", async () => {
    await using fixture = await openFixture();
    fixture.environment.VAULT_ADDR = "http://127.0.0.1:1";
    fixture.environment.VAULT_AGENT_ADDR = "http://127.0.0.1:1";
    await (await fixture.open()).check?.(forever);
  });

  test("is an error if it is not set", async () => {
    await using fixture = await openFixture();
    expect(await rejection(fixture.open({ url: undefined }))).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "address",
    });
  });
});

test.each(["team/a", "/team/a/", " team/a\r\n"])(
  "the namespace is %j of the environment if the document has none",
  async (text) => {
    await using fixture = await openFixture();
    fixture.environment.VAULT_NAMESPACE = text;
    fixture.double.namespace = "team/a";
    fixture.kv2.put("db", {});
    expect((await read(await fixture.open(), "db")).status).toBe("ok");
  },
);

test("a proxy is used if a variable of Vault or the document contains one", async () => {
  await using fixture = await openFixture();
  for (const [variables, options] of [
    [{ VAULT_HTTP_PROXY: "socks5://proxy.example:1" }, {}],
    [{ VAULT_PROXY_ADDR: "socks5://proxy.example:1", VAULT_HTTP_PROXY: "http://127.0.0.1:1" }, {}],
  ] as const) {
    Object.assign(fixture.environment, variables);
    const provider = await fixture.open(options);
    // The refused scheme shows that the variable was used.
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "invalid" });
  }
});

describe("TLS", () => {
  async function secure() {
    const [fixture, http] = [await openFixture(), openHttpFixture()];
    const seen: unknown[] = [];
    const options = { ...certificate, requestCert: true, rejectUnauthorized: false };
    const server = await http.serveSecurely(options, (request, response) => {
      const { servername, getPeerCertificate } = request.socket as unknown as {
        readonly servername: string | false;
        getPeerCertificate(): { readonly subject?: object };
      };
      seen.push([servername, getPeerCertificate.call(request.socket).subject !== undefined]);
      response.end(health);
    });
    return {
      fixture,
      seen,
      url: server.url,
      async [Symbol.asyncDispose]() {
        await fixture[Symbol.asyncDispose]();
        await http[Symbol.asyncDispose]();
      },
    };
  }

  test("trusts only the configured authority, from any source", async () => {
    await using setup = await secure();
    const { fixture, url } = setup;
    const file = fixture.file("ca.pem", certificate.cert);
    const check = async (options: object, variables: object = {}): Promise<unknown> => {
      for (const name of Object.keys(fixture.environment)) delete fixture.environment[name];
      Object.assign(fixture.environment, variables);
      const provider = await fixture.open({ url, ...options });
      return provider.check?.(forever).catch((error: unknown) => error);
    };
    expect(await check({})).toMatchObject({ code: "UNAVAILABLE", reason: "tls" });
    expect(await check({ tls: { ca: { $file: file } } })).toBeUndefined();
    expect(await check({}, { VAULT_CACERT: file })).toBeUndefined();
    expect(await check({}, { BAO_CACERT: file, VAULT_CACERT: "/absent" })).toBeUndefined();
    const directory = join(file, "../authorities");
    mkdirSync(join(directory, "folder"), { recursive: true });
    fixture.file("authorities/one.pem", other.cert);
    expect(await check({}, { VAULT_CAPATH: directory })).toMatchObject({ reason: "tls" });
    fixture.file("authorities/5ed36f99.0", certificate.cert);
    fixture.file("authorities/README", "no certificate");
    expect(await check({}, { VAULT_CAPATH: directory })).toBeUndefined();
    expect(await check({}, { VAULT_CAPATH: "/absent" })).toMatchObject({ code: "UNAVAILABLE", reason: "ca-directory" });
    expect(await check({ tls: { ca: { $file: file } } }, { VAULT_CAPATH: "/absent" })).toBeUndefined();
    const asFile = { reason: "ca-directory", tip: expect.stringContaining("VAULT_CACERT") };
    expect(await check({}, { VAULT_CAPATH: file })).toMatchObject(asFile);
  });

  test("trusts the authorities of a mounted volume, and of a directory with dangling links and a FIFO", async () => {
    await using setup = await secure();
    const { fixture, url } = setup;
    const volume = join(fixture.file("seen", ""), "../volume");
    mkdirSync(join(volume, "..2026_01_01"), { recursive: true });
    fixture.file("volume/..2026_01_01/ca.crt", certificate.cert);
    symlinkSync("..2026_01_01", join(volume, "..data"));
    symlinkSync("..data/ca.crt", join(volume, "ca.crt"));
    symlinkSync("gone", join(volume, "dangling"));
    // Opening the FIFO for an ordinary read would wait for a writer.
    execFileSync("mkfifo", [join(volume, "fifo")]);
    fixture.environment.VAULT_CAPATH = volume;
    const provider = await fixture.open({ url });
    await provider.check?.(forever);
  });

  test.each([
    ["with line ends of Windows", (pem: string) => pem.replaceAll("\n", "\r\n")],
    ["behind the words of openssl", (pem: string) => `subject=CN = root\nissuer=CN = root\n${pem}`],
    ["behind another one", (pem: string) => `${other.cert}\n${pem}`],
  ])("trusts an authority %s, from a file in a directory with dots and from a variable", async (_what, written) => {
    await using setup = await secure();
    const { fixture, url } = setup;
    const text = written(certificate.cert);
    const folder = join(fixture.file("seen", ""), "../.dots/a.b");
    mkdirSync(folder, { recursive: true });
    fixture.environment.VAULT_CACERT = fixture.file(".dots/a.b/ca.crt", text);
    await (await fixture.open({ url })).check?.(forever);
    vi.stubEnv("VAULT_CACERT_BYTES", text);
    // The variable takes precedence over a file.
    Object.assign(fixture.environment, { VAULT_CACERT_BYTES: text, VAULT_CACERT: "/absent" });
    await (await fixture.open({ url })).check?.(forever);
    vi.unstubAllEnvs();
  });

  test("reports the option or variable of missing or invalid material", async () => {
    await using setup = await secure();
    const { fixture, url } = setup;
    const file = (name: string, text: string) => fixture.file(name, text);
    const check = async (variables: object, tls: object = {}): Promise<unknown> => {
      for (const name of Object.keys(fixture.environment)) delete fixture.environment[name];
      Object.assign(fixture.environment, variables);
      const provider = await fixture.open({ url, tls });
      return rejection(provider.check?.(forever) ?? Promise.resolve());
    };
    const named = (name: string, code = "UNAVAILABLE") => {
      return { code, reason: "tls-material", message: expect.stringContaining(name) };
    };
    expect(await check({ VAULT_CACERT: "/absent/ca.pem" })).toMatchObject(named("VAULT_CACERT cannot be read"));
    expect(await check({}, { ca: { $file: "/absent/ca.pem" } })).toMatchObject(named("`tls.ca` cannot be read"));
    expect(await check({ VAULT_CACERT: file("other.txt", "none") })).toMatchObject(named("VAULT_CACERT contains no"));
    const key = file("own.key", certificate.key);
    const pair = { VAULT_CLIENT_CERT: key, VAULT_CLIENT_KEY: key };
    expect(await check(pair)).toMatchObject(named("VAULT_CLIENT_CERT contains no certificate"));
    const ca = file("own.crt", certificate.cert);
    const withoutKey = { certificate: { $file: ca }, key: { $file: ca } };
    expect(await check({}, withoutKey)).toMatchObject(named("`tls.key` contains no private key"));
    for (const text of [certificate.cert.replaceAll("\n", "\\n"), Buffer.from(certificate.cert).toString("base64")]) {
      vi.stubEnv("VAULT_CACERT_BYTES", text);
      expect(await check({ VAULT_CACERT_BYTES: text })).toMatchObject(named("VAULT_CACERT_BYTES contains no"));
    }
    vi.unstubAllEnvs();
  });

  test.each(["1", "true", "TRUE", "t"])(
    "is not disabled by VAULT_SKIP_VERIFY=%s, which causes a warning",
    async (text) => {
      await using setup = await secure();
      const { fixture, url } = setup;
      fixture.environment.VAULT_SKIP_VERIFY = text;
      fixture.environment.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      const provider = await fixture.open({ url });
      expect(await rejection(provider.check?.(forever) ?? Promise.resolve())).toMatchObject({ reason: "tls" });
      expect(fixture.host.warnings).toMatchObject([{ code: "skip-verify-ignored" }]);
      const findings = await provider.diagnose?.(forever);
      expect(findings?.[0]).toMatchObject({ level: "warning", code: "skip-verify-ignored" });
    },
  );

  test("is disabled only by the document, which is reported as an error", async () => {
    await using setup = await secure();
    const provider = await setup.fixture.open({ url: setup.url, tls: { verify: false } });
    await provider.check?.(forever);
    expect(setup.fixture.host.warnings).toMatchObject([{ code: "tls-unverified" }]);
    expect((await provider.diagnose?.(forever))?.[0]).toMatchObject({ level: "error", code: "tls-unverified" });
  });

  test("presents the client certificate, registers its key with the redactor, and sends the server name", async () => {
    await using setup = await secure();
    const { fixture, url, seen } = setup;
    const [ca, cert, key] = [
      fixture.file("ca.pem", certificate.cert),
      fixture.file("cert.pem", other.cert),
      fixture.file("key.pem", other.key),
    ];
    Object.assign(fixture.environment, { VAULT_CACERT: ca, VAULT_CLIENT_CERT: cert, VAULT_CLIENT_KEY: key });
    const fromVariables = await fixture.open({ url });
    await fromVariables.check?.(forever);
    const tls = { certificate: { $file: cert }, key: { $file: key }, serverName: "store.example" };
    const fromDocument = await fixture.open({ url, tls });
    await fromDocument.check?.(forever);
    expect(seen).toEqual([
      [false, true],
      ["store.example", true],
    ]);
    expect(fixture.host.protected.map(({ value }) => Buffer.from(value as Uint8Array).toString())).toContain(other.key);
  });

  test("uses a certificate renewed on disk for the next connection", async () => {
    await using setup = await secure();
    const { fixture, url } = setup;
    const file = fixture.file("ca.pem", other.cert);
    const provider = await fixture.open({ url, tls: { ca: { $file: file } } });
    const check = (): Promise<unknown> | undefined => provider.check?.(forever).catch((error: unknown) => error);
    expect(await check()).toMatchObject({ reason: "tls" });
    fixture.file("ca.pem", certificate.cert);
    fixture.clock.suspend(1000);
    expect(await check()).toBeUndefined();
  });
});
