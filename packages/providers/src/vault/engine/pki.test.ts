import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import { tlsPair } from "@tacit/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { replied } from "../../../test/vault/double/engine-call.ts";
import {
  type EngineFixture,
  leaseOf,
  type OkResult,
  openEngineFixture,
  readOk,
  textsOf,
} from "../../../test/vault/engine-fixture.ts";

const name = "api.example.com";
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
  fixture.engines.pki.roles.set("web", { maxTtl: 7200 });
});
afterEach(() => fixture[Symbol.asyncDispose]());

function options(issue: object = { web: { commonName: name } }): Record<string, unknown> {
  return { mounts: { pki: { engine: "pki", issue } } };
}

async function issue(its?: object): Promise<OkResult> {
  return readOk(await fixture.open(options(its)), "pki/issue/web");
}

function subjects(pem: string | undefined): readonly string[] {
  const certificates = pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  return certificates.map((certificate) => new X509Certificate(certificate).subject);
}

describe("an issued certificate", () => {
  test("is valid for tlsPair: the certificate with its chain, the key, and the root", async () => {
    const context = { reference: "web", expose: () => undefined };
    const result = await issue();
    const texts = textsOf(result);
    expect(Object.keys(texts).sort()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    expect(subjects(texts["tls.crt"])).toEqual([`CN=${name}`, "CN=between.example"]);
    expect(subjects(texts["ca.crt"])).toEqual(["CN=root.example"]);
    const decoded = await tlsPair().decode(result.payload, context);
    expect(decoded).toMatchObject({ value: { cert: texts["tls.crt"], key: texts["tls.key"], ca: texts["ca.crt"] } });
  });

  test("is accepted by a TLS client that trusts only the root", async () => {
    // TLS verifies certificates by the clock of this machine.
    fixture.skewMs = Date.now() - fixture.clock.now();
    const { "tls.crt": cert, "tls.key": key, "ca.crt": ca = "" } = textsOf(await issue());
    const server = createServer({ cert, key }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: "127.0.0.1", port, servername: name, ca });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    socket.destroy();
    server.close();
  });

  test("contains the highest authority of the mount if the root is unknown", async () => {
    fixture.engines.pki.knowsRoot = false;
    expect(subjects(textsOf(await issue())["ca.crt"])).toEqual(["CN=between.example"]);
  });

  test("has no chain if the response contains none", async () => {
    const recorded = await readReply();
    fixture.double.override = ({ path }) =>
      path.startsWith("pki/") ? replied({ ...recorded, ca_chain: null, issuing_ca: "" }) : undefined;
    expect(Object.keys(textsOf(await issue()))).toEqual(["tls.crt", "tls.key"]);
  });

  test("has its serial number as the version, no lease, and differs in each read", async () => {
    const [first, second] = [await issue(), await issue()];
    expect(first.version).toMatch(/^([0-9a-f]{2}:)+[0-9a-f]{2}$/);
    expect(first.version).not.toBe(second.version);
    expect(first.lease).toBeUndefined();
  });

  test("is dynamic for any path", async () => {
    const provider = await fixture.open(options());
    expect(provider.isDynamic?.("pki/issue/web")).toBe(true);
  });

  test("has the lease that the role generates, which Vault does not renew", async () => {
    fixture.grant = { ttlMs: 4 * 3_600_000 };
    fixture.engines.pki.roles.set("web", { maxTtl: 7200, generateLease: true });
    expect(leaseOf(await issue())).toEqual({ id: "pki/issue/web/lease-1", durationMs: 7_199_000, renewable: false });
  });
});

test("is replaced before its token ends, and with it the lease of the certificate", async () => {
  fixture.engines.pki.roles.set("web", { maxTtl: 7200, generateLease: true });
  fixture.grant = { ttlMs: 20_000, renewable: false };
  expect(leaseOf(await issue())).toMatchObject({ durationMs: 20_000, renewable: false });
});

describe("its expiry", () => {
  test("is that of the certificate, which is replaced after about two thirds of its life", async () => {
    const { expiresAt, refreshAt } = await issue();
    const now = fixture.clock.now();
    expect([expiresAt, refreshAt].map((date) => (date?.getTime() ?? 0) - now)).toEqual([7_200_000, 7_200_000 * 0.645]);
  });

  test.each([-3_600_000, 3_600_000, -86_400_000])(
    "is told by this machine's clock where Vault's is %d ms away",
    async (skewMs) => {
      fixture.skewMs = skewMs;
      const { expiresAt, refreshAt } = await issue();
      const now = fixture.clock.now();
      expect([expiresAt, refreshAt].map((date) => (date?.getTime() ?? 0) - now)).toEqual([
        7_200_000,
        7_200_000 * 0.645,
      ]);
    },
  );

  test("is that of the certificate if the response contains none, or a later one", async () => {
    for (const expiration of [undefined, "soon", 4_000_000_000]) {
      const recorded = await readReply();
      fixture.double.override = ({ path }) =>
        path.startsWith("pki/") ? replied({ ...recorded, expiration }) : undefined;
      expect(((await issue()).expiresAt?.getTime() ?? 0) - fixture.clock.now()).toBe(7_200_000);
      fixture.double.override = () => undefined;
    }
  });
});

describe("the request", () => {
  test("contains the options of the role, and asks for PEM", async () => {
    await issue({
      web: {
        commonName: name,
        altNames: ["b.example.com", "c@example.com"],
        ipSans: ["10.0.0.1", "::1"],
        uriSans: ["spiffe://example.com/api"],
        ttl: "90m",
      },
    });
    expect(fixture.engines.pki.asked).toEqual([
      {
        common_name: name,
        alt_names: "b.example.com,c@example.com",
        ip_sans: "10.0.0.1,::1",
        uri_sans: "spiffe://example.com/api",
        ttl: "5400s",
        format: "pem",
      },
    ]);
  });

  test("may contain only a URI if the role needs no common name, as for SPIFFE", async () => {
    fixture.engines.pki.roles.set("web", { maxTtl: 7200, requireCn: false });
    const result = await issue({ web: { uriSans: ["spiffe://example.com/api"] } });
    expect(Object.keys(textsOf(result)).sort()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    expect(fixture.engines.pki.asked).toEqual([{ uri_sans: "spiffe://example.com/api", format: "pem" }]);
  });

  test("may contain names of other kinds, and exclude the common name from the others", async () => {
    const otherSans = ["1.3.6.1.4.1.311.20.2.3;UTF8:app@example.com"];
    await issue({ web: { commonName: name, otherSans, excludeCnFromSans: true } });
    const wanted = { common_name: name, other_sans: otherSans[0], exclude_cn_from_sans: true, format: "pem" };
    expect(fixture.engines.pki.asked).toEqual([wanted]);
  });

  test("omits parameters that are not configured", async () => {
    await issue();
    expect(fixture.engines.pki.asked).toEqual([{ common_name: name, format: "pem" }]);
  });

  test.each([
    { web: {} },
    { web: { ttl: "60s", excludeCnFromSans: true } },
    { web: { commonName: name, otherSans: ["app@example.com"] } },
    { web: { commonName: name, altNames: ["a,b"] } },
    { web: { commonName: name, ttl: 60 } },
    { "a/b": { commonName: name } },
    { web: { commonName: name, keyType: "ec" } },
  ])("cannot have the options %j", async (its) => {
    expect(await rejection(fixture.open(options(its)))).toMatchObject({ code: "INVALID_CONFIG" });
  });

  test.each([
    ["pki/issue/other", "undeclared"],
    ["pki/issue/constructor", "undeclared"],
    ["pki/cert/ca", "path"],
    ["pki/issue/web/x", "path"],
  ])("is not sent for %s", async (path, reason) => {
    const provider = await fixture.open(options());
    expect(await rejection(readOk(provider, path))).toMatchObject({ code: "INVALID_NAME", reason });
    expect(fixture.asked()).toEqual([]);
  });
});

describe("a refusal", () => {
  test("by a role that does not allow the name recommends to compare it", async () => {
    expect(await rejection(issue({ web: { commonName: "api.other.com" } }))).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "request-refused",
      tip: expect.stringContaining("roles/<role>"),
    });
  });

  test("for an unknown role is a missing secret", async () => {
    fixture.engines.pki.roles.clear();
    const provider = await fixture.open(options());
    const result = await provider.get({ path: "pki/issue/web", version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: true });
  });

  test.each([{ certificate: "s3cret-fixture" }, { private_key: undefined }, { private_key: "" }])(
    "of a response without a pair: %j",
    async (change) => {
      const recorded = await readReply();
      fixture.double.override = ({ path }) =>
        path.startsWith("pki/") ? replied({ ...recorded, ...change }) : undefined;
      expect(await rejection(issue())).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    },
  );
});

/** The data of a valid response. */
async function readReply(): Promise<object> {
  const call = { method: "POST", path: "pki/issue/web", body: { common_name: name }, token: "" };
  const reply = await fixture.engines.answer(call);
  return JSON.parse(String(reply?.body)).data;
}
