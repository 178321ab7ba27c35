import { readFileSync, writeFileSync } from "node:fs";
import { Pkcs10CertificateRequest, X509CertificateGenerator } from "@peculiar/x509";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConjurFixture, openFixture } from "../../../test/conjur/double.ts";
import { makeAuthority, makeCertificate } from "../../../test/http-fixture.ts";
import { contentOf, read, rejection } from "../../../test/store-fixture.ts";

let fixture: ConjurFixture;
const start = async (secure?: Parameters<typeof openFixture>[1], clock?: ManualClock): Promise<void> => {
  fixture = await openFixture({}, secure, clock);
  fixture.double.variables.set("db", Buffer.from("s3cret-fixture"));
};
const logins = (): readonly string[] =>
  fixture.double.requests.map(({ target }) => target).filter((target) => target.startsWith("/authn"));

describe("over HTTP", () => {
  beforeEach(() => start());
  afterEach(() => fixture[Symbol.asyncDispose]());

  test("an API key becomes a token, which serves many reads and is replaced within its 8 minutes", async () => {
    const { double, clock } = fixture;
    const provider = await fixture.open();
    await Promise.all([read(provider, "db"), read(provider, "db"), read(provider, "db")]);
    expect(logins()).toEqual(["/authn/acct/host%2Fapp/authenticate"]);
    await clock.advance(0.6 * 480_000);
    await double.until(() => logins().length === 2);
    await clock.advance(0.5 * 480_000);
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
  });

  test.each([
    ["ahead", 3_600_000],
    ["behind", -3_600_000],
  ])("the life of a token is the server's to tell, also where its clock is an hour %s", async (_where, skewMs) => {
    const { double, clock } = fixture;
    double.now = () => clock.now() + skewMs;
    const provider = await fixture.open();
    await read(provider, "db");
    await clock.advance(200_000);
    await read(provider, "db");
    expect(logins()).toHaveLength(1);
    await clock.advance(100_000);
    await double.until(() => logins().length === 2);
  });

  test("a token that does not say its end lives 8 minutes", async () => {
    const { double, clock } = fixture;
    double.tellsEnd = false;
    await read(await fixture.open(), "db");
    await clock.advance(0.6 * 480_000);
    await double.until(() => logins().length === 2);
  });

  test("a rotated API key is read with the next login", async () => {
    const { double } = fixture;
    const provider = await fixture.open();
    await read(provider, "db");
    double.apiKey = "s3cret-fixture-rotated";
    fixture.file("api-key", `${double.apiKey}\n`);
    double.expireLogins();
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
  });

  test.each([
    [undefined, "/authn-jwt/prod/acct/authenticate"],
    ["apps/orders", "/authn-jwt/prod/acct/apps%2Forders/authenticate"],
  ])("a JWT, with the host id %s", async (hostId, target) => {
    const auth = { method: "jwt", service: "prod", hostId, token: { $file: fixture.file("jwt", fixture.double.jwt) } };
    expect(await contentOf(read(await fixture.open({ auth }), "db"))).toBe("s3cret-fixture");
    expect(logins()).toEqual([target]);
  });

  test("a login that is refused is UNAUTHENTICATED", async () => {
    const auth = { method: "jwt", service: "prod", token: { $file: fixture.file("jwt", "s3cret-fixture-other") } };
    const reading = read(await fixture.open({ auth }), "db");
    expect(await rejection(reading)).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
  });

  test("a token in a file, which another container keeps fresh", async () => {
    const { double } = fixture;
    await read(await fixture.open(), "db");
    const [token = ""] = [...double.tokens.keys()];
    const file = fixture.file("token", Buffer.from(token, "base64").toString());
    const provider = await fixture.open({ auth: { method: "access-token", token: { $file: file } } });
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
    fixture.file("token", token);
    expect(await rejection(read(provider, "db"))).toMatchObject({ reason: "credential-malformed" });
  });

  test.each<[string, Record<string, string>, string]>([
    [
      "an API key",
      { CONJUR_AUTHN_LOGIN: "host/app", CONJUR_AUTHN_API_KEY: "key" },
      "/authn/acct/host%2Fapp/authenticate",
    ],
    ["a JWT", { CONJUR_AUTHN_JWT_SERVICE_ID: "prod", JWT_TOKEN_PATH: "jwt" }, "/authn-jwt/prod/acct/authenticate"],
    [
      "the type of login",
      { CONJUR_AUTHN_TYPE: "jwt", CONJUR_SERVICE_ID: "prod", JWT_TOKEN_PATH: "jwt" },
      "/authn-jwt/prod/acct/authenticate",
    ],
  ])("the environment tells of %s", async (_what, variables, target) => {
    const { double, environment, options } = fixture;
    Object.assign(environment, variables, { CONJUR_APPLIANCE_URL: options.url, CONJUR_ACCOUNT: "acct" });
    if (environment.JWT_TOKEN_PATH !== undefined) environment.JWT_TOKEN_PATH = fixture.file("jwt", double.jwt);
    const saved = process.env.CONJUR_AUTHN_API_KEY;
    process.env.CONJUR_AUTHN_API_KEY = double.apiKey;
    try {
      const provider = await fixture.open({ url: undefined, account: undefined, auth: { method: "environment" } });
      expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
    } finally {
      if (saved === undefined) delete process.env.CONJUR_AUTHN_API_KEY;
    }
    expect(logins()).toEqual([target]);
  });

  test.each([
    [{ auth: { method: "environment" } }, "login"],
    [{ url: undefined }, "address"],
    [{ auth: { method: "certificate", service: "prod" } }, "login"],
  ])("what nothing says is INVALID_CONFIG: %j", async (options, reason) => {
    expect(await rejection(fixture.open(options))).toMatchObject({ code: "INVALID_CONFIG", reason });
  });
});

describe("over TLS", () => {
  const authority = makeAuthority("pods");
  beforeEach(async () => {
    const server = await makeCertificate();
    await start(
      { ...server, requestCert: true, rejectUnauthorized: false, ca: [(await authority).cert] },
      manualClock(new Date()),
    );
    fixture.options.tls = { ca: { $file: fixture.file("ca.crt", server.cert) } };
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  test("a certificate logs in", async () => {
    const { cert, key } = await makeCertificate("app", await authority);
    const tls = {
      ...(fixture.options.tls as object),
      certificate: { $file: fixture.file("tls.crt", cert) },
      key: { $file: fixture.file("tls.key", key) },
    };
    const auth = { method: "certificate", service: "prod", hostId: "app" };
    expect(await contentOf(read(await fixture.open({ auth, tls }), "db"))).toBe("s3cret-fixture");
    expect(logins()).toEqual(["/authn-cert/prod/acct/host%2Fapp/authenticate"]);
  });

  test("a pod gets a certificate for a key of its own, and logs in with it until that ends", async () => {
    const { double, clock } = fixture;
    const certificateFile = fixture.file("client.pem", "of a container before");
    const seen: string[] = [];
    double.onInject = async ({ body, headers }) => {
      const request = new Pkcs10CertificateRequest(body);
      expect(await request.verify()).toBe(true);
      seen.push(
        `${headers["host-id-prefix"]} ${request.subject} ${request.getExtension("2.5.29.17")?.toString("text")}`,
      );
      writeFileSync(certificateFile, await issue(request, clock.now()));
    };
    const auth = {
      method: "kubernetes",
      service: "prod",
      login: "host/apps/orders",
      podName: "orders-1",
      podNamespace: "shop",
      certificateFile,
    };
    const provider = await fixture.open({ auth });
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain("host.apps CN=orders");
    expect(seen[0]).toContain("spiffe://cluster.local/namespace/shop/podname/orders-1");
    expect(() => readFileSync(certificateFile)).toThrow("ENOENT");
    double.expireLogins();
    await read(provider, "db");
    expect(seen).toHaveLength(1);
    await clock.advance(3_600_000);
    double.expireLogins();
    await read(provider, "db");
    expect(seen).toHaveLength(2);
  });

  test("a certificate that is not written is UNAVAILABLE, and the tip says where to look", async () => {
    const certificateFile = fixture.file("client.pem", "of a container before");
    const auth = {
      method: "kubernetes",
      service: "prod",
      login: "host/apps/orders",
      podName: "orders-1",
      podNamespace: "shop",
      certificateFile,
    };
    const provider = await fixture.open({ auth });
    let isOver = false;
    const reading = rejection(read(provider, "db")).finally(() => {
      isOver = true;
    });
    await fixture.double.until(() => logins().length === 1);
    // It looks at the file between the pauses, which takes as long as it takes.
    while (!isOver) {
      await fixture.clock.advance(250);
      await new Promise(setImmediate);
    }
    expect(await reading).toMatchObject({ code: "UNAVAILABLE", reason: "certificate-not-injected" });
  });

  async function issue(request: Pkcs10CertificateRequest, now: number): Promise<string> {
    const { cert, key } = await authority;
    const { createPrivateKey } = await import("node:crypto");
    const pkcs8 = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const signingKey = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
    const certificate = await X509CertificateGenerator.create({
      serialNumber: "01",
      subject: request.subject,
      issuer: new (await import("@peculiar/x509")).X509Certificate(cert).subject,
      // Valid for the server, whose clock is the real one, and for half an hour by the other.
      notBefore: new Date(now - 86_400_000),
      notAfter: new Date(now + 1_800_000),
      publicKey: await request.publicKey.export(),
      signingKey,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    });
    return certificate.toString("pem");
  }
});
