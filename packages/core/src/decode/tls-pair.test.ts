import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { type CertificateExtension, generate } from "selfsigned";
import { describe, expect, test } from "vitest";
import { type Content, decode, password, read, refusal } from "../../test/decoding.ts";
import { scriptedClient } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { Secret } from "../secret/secret.ts";
import type { DecodedValue } from "./codec.ts";
import { tlsPair } from "./tls-pair.ts";

const farEnd = new Date("2099-01-02T03:04:05Z");
const [server, other] = await Promise.all([certificate("server.example"), certificate("other.example")]);
const authority: CertificateExtension[] = [
  { name: "basicConstraints", cA: true },
  { name: "keyUsage", keyCertSign: true },
];
const root = await certificate("root.example", undefined, authority);
const middle = await certificate("middle.example", root, authority);
const leaf = await certificate("leaf.example", middle);
const rsa = await certificate("rsa.example", undefined, undefined, farEnd, "rsa");

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function certificate(
  name: string,
  issuer?: Pair,
  extensions?: CertificateExtension[],
  end = farEnd,
  keyType: "ec" | "rsa" = "ec",
): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType,
    notBeforeDate: new Date("2025-01-01"),
    notAfterDate: end,
    ...(issuer === undefined ? {} : { ca: issuer }),
    ...(extensions === undefined ? {} : { extensions }),
  });
  return { cert: `${cert.trimEnd()}\n`, key: `${key.trimEnd()}\n` };
}

function pkcs1Of(key: string): string {
  return createPrivateKey(key).export({ type: "pkcs1", format: "pem" }).toString();
}

const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

describe("tlsPair", () => {
  const fields = { "tls.crt": `${server.cert}${other.cert}`, "tls.key": server.key };

  test("gives PEM texts that end with one line feed, from fields or from a JSON object", async () => {
    const pair = { cert: fields["tls.crt"], key: server.key };
    expect(await read(tlsPair(), fields)).toEqual(pair);
    expect(await read(tlsPair(), JSON.stringify({ ...fields, "tls.key": server.key.trimEnd() }))).toEqual(pair);
    expect(new X509Certificate(pair.cert).subject).toBe("CN=server.example");
  });

  test.each<[string, Content]>([
    ["an EC parameters block before the key", { "tls.key": `${parameters}${leaf.key}` }],
    ["the words of a PKCS#12 export around", { "tls.crt": `Bag Attributes\n  x: y\n${leaf.cert}` }],
    [
      "a byte order mark and the line ends of another system",
      { "tls.key": `\uFEFF${leaf.key.replaceAll("\n", "\r\n")}` },
    ],
    ["the key of PKCS#1", { "tls.crt": rsa.cert, "tls.key": pkcs1Of(rsa.key) }],
  ])("reads fields with %s", async (_what, changed) => {
    const pair = { "tls.crt": leaf.cert, "tls.key": leaf.key, ...(changed as object) };
    expect(await read(tlsPair(), pair)).toMatchObject({ cert: expect.stringContaining("BEGIN CERTIFICATE") });
  });

  test("gives the authorities where there are any", async () => {
    const ca = other.cert;
    expect(await read(tlsPair(), { ...fields, "ca.crt": `${other.cert}\n\n` })).toMatchObject({ ca });
    expect(await read(tlsPair(), { ...fields, "ca.crt": "" })).not.toHaveProperty("ca");
  });

  test.each<[string, string, Content]>([
    ["the key of another certificate", "key-mismatch", { "tls.crt": server.cert, "tls.key": other.key }],
    ["a chain whose first certificate is not its own", "key-mismatch", { ...fields, "tls.key": other.key }],
    ["no key", "field-missing", { "tls.crt": server.cert }],
    ["an empty key", "empty", { ...fields, "tls.key": "\n" }],
    ["a key that is none", "private-key", { ...fields, "tls.key": password }],
    ["a key with a passphrase", "private-key", { ...fields, "tls.key": encryptedKey() }],
    ["a certificate that is none", "certificate", { ...fields, "tls.crt": password }],
    ["a certificate cut short", "certificate", { ...fields, "tls.crt": server.cert.slice(0, 200) }],
    ["a certificate in DER", "not-utf8", { ...fields, "tls.crt": new X509Certificate(server.cert).raw }],
    ["line feeds that are written out", "certificate", { ...fields, "tls.crt": server.cert.replaceAll("\n", "\\n") }],
    [
      "a chain whose own certificate is the last",
      "key-mismatch",
      { "tls.crt": other.cert + server.cert, "tls.key": server.key },
    ],
    ["an empty certificate", "empty", { ...fields, "tls.crt": "" }],
    ["authorities of blank lines alone", "certificate", { ...fields, "ca.crt": "\n\n" }],
    ["authorities that are none", "certificate", { ...fields, "ca.crt": password }],
    ["bytes for authorities", "certificate", { ...fields, "ca.crt": Uint8Array.of(0xff, 0xfe) }],
    ["bytes for a key", "not-utf8", { ...fields, "tls.key": Uint8Array.of(0xff, 0xfe) }],
    ["text that is neither JSON nor PEM", "not-pem", password],
    ["JSON that is broken", "not-json", '{"tls.crt": 1'],
    ["a bundle without a key", "private-key", server.cert],
    ["a bundle with two keys", "private-key", `${server.key}${server.cert}${other.key}`],
    ["a bundle whose key has a passphrase", "private-key", `${encryptedKey()}${server.cert}`],
    ["a bundle without a certificate", "certificate", server.key],
    ["a bundle with a certificate that is none", "certificate", `${server.key}${damaged(server.cert)}`],
    ["a bundle of another certificate", "key-mismatch", `${server.key}${other.cert}`],
    ["a bundle that is cut off", "not-pem", `${server.key}${server.cert}`.slice(0, -40)],
    ["a bundle with a block inside a block", "not-pem", `${server.key.slice(0, 100)}\n${server.cert}`],
    ["a bundle in UTF-16", "nul-character", Buffer.from(`${server.key}${server.cert}`, "utf16le")],
    ["an empty value", "empty", "\n"],
  ])("refuses %s", async (_what, reason, content) => {
    expect((await refusal(tlsPair(), content)).reason).toBe(reason);
  });

  test.each([
    ["key first, as Kubernetes writes it", `${leaf.key}${leaf.cert}${middle.cert}${root.cert}`],
    ["key last, certificates in any order", `${root.cert}${middle.cert}${leaf.cert}${leaf.key}`],
    [
      "key in between, text around it",
      `Bag Attributes\n  x: y\n${middle.cert}\n${leaf.key}# own\r\n${root.cert}${leaf.cert}`,
    ],
    ["the line ends of another system", `${leaf.key}${leaf.cert}${middle.cert}${root.cert}`.replaceAll("\n", "\r\n")],
    ["an EC parameters block before the key", `${parameters}${leaf.key}${leaf.cert}${root.cert}${middle.cert}`],
  ])("reads a bundle with %s", async (_what, bundle) => {
    expect(await read(tlsPair(), bundle)).toEqual({ key: leaf.key, cert: `${leaf.cert}${middle.cert}${root.cert}` });
  });

  test("keeps the certificates of a bundle that are not in its chain, after those that are", async () => {
    const bundle = `${other.cert}${leaf.cert}${server.cert}${middle.cert}${leaf.key}`;
    const { cert } = (await read(tlsPair(), bundle)) as Pair;
    expect(cert).toBe(`${leaf.cert}${middle.cert}${other.cert}${server.cert}`);
  });

  test.each<[string, Content]>([
    ["fields", { "tls.crt": `${leaf.cert}${middle.cert}`, "tls.key": leaf.key }],
    ["a bundle", `${middle.cert}${leaf.cert}${leaf.key}`],
  ])("tells the end of its own certificate from %s", async (_what, content) => {
    expect(await decode(tlsPair(), content)).toMatchObject({ expiresAt: farEnd });
  });

  test("of a bundle masks the key alone", async () => {
    const { sensitive } = (await decode(tlsPair(), `${leaf.cert}${leaf.key}`)) as DecodedValue<unknown>;
    expect(sensitive).toEqual({ "tls.key": leaf.key });
  });

  test("keeps the pair that was whole while only one half is new", async () => {
    const client = scriptedClient({ stores: ["a"], declare: declareSecrets({ tls: { ref: "tls", as: tlsPair() } }) });
    client.store.set("tls", { "tls.crt": server.cert, "tls.key": server.key });
    await client.secrets.ready();
    const tls = client.secrets.watch("tls" as never);
    client.store.set("tls", { "tls.crt": other.cert, "tls.key": server.key });
    await tls.refresh().catch(() => undefined);
    expect(tls.lastError?.reason).toBe("key-mismatch");
    client.store.set("tls", { "tls.crt": other.cert, "tls.key": other.key });
    expect((await tls.refresh())?.reveal()).toEqual({ cert: other.cert, key: other.key });
    await client.secrets.close();
  });

  test("is served up to the end of its certificate, which meta and health tell", async () => {
    const end = new Date("2026-01-01T01:00:00Z");
    const hour = await certificate("hour.example", undefined, undefined, end);
    const client = scriptedClient({ stores: ["a"], declare: declareSecrets({ tls: { ref: "tls", as: tlsPair() } }) });
    client.store.set("tls", `${hour.key}${hour.cert}`);
    await client.secrets.ready();
    const latest = () => client.secrets.latest("tls" as never) as Secret<unknown>;
    expect(latest().meta.expiresAt).toEqual(end);
    expect(client.secrets.health().secrets[0]?.expiresAt).toEqual(end);
    await client.clock.advance(3_599_000);
    expect(latest().reveal()).toEqual(hour);
    await client.clock.advance(1_000);
    expect(latest).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "expired" }) as Error);
    client.store.set("tls", `${server.key}${server.cert}`);
    expect((await client.secrets.getSecret("tls", tlsPair(), { freshness: "fresh" })).reveal()).toEqual(server);
    await client.secrets.close();
  });

  test.each([
    ["", {}],
    [", and is not asked about", { accept: () => true }],
  ])("that has already ended does not take the place of a good one%s", async (_what, options) => {
    const ended = await certificate("ended.example", undefined, undefined, new Date("2025-12-31"));
    const client = scriptedClient({
      stores: ["a"],
      declare: declareSecrets({ tls: { ref: "tls", as: tlsPair(), ...options } }),
    });
    client.store.set("tls", `${server.key}${server.cert}`);
    await client.secrets.ready();
    client.store.set("tls", `${ended.key}${ended.cert}`);
    await client.clock.advance(61_000);
    const secret = client.secrets.latest("tls" as never) as Secret<unknown>;
    expect(secret.reveal()).toEqual(server);
    expect(client.eventsOf("refused")).toMatchObject([{ reference: "tls", reason: "expired" }]);
    await client.secrets.close();
  });

  test("that has already ended is no first value", async () => {
    const ended = await certificate("ended.example", undefined, undefined, new Date("2025-12-31"));
    const client = scriptedClient({ stores: ["a"], declare: declareSecrets({ tls: { ref: "tls", as: tlsPair() } }) });
    client.store.set("tls", `${ended.key}${ended.cert}`);
    const error = { code: "INVALID_VALUE", reason: "expired", message: 'the new value of "tls" has already ended' };
    await expect(client.secrets.ready()).rejects.toMatchObject({ code: "NOT_READY", errors: [error] });
    await client.secrets.close();
  });

  test("has its key masked and its certificate not, however the client is told to read it", async () => {
    const client = scriptedClient({ stores: ["a"], declare: declareSecrets({ tls: { ref: "tls", as: tlsPair() } }) });
    client.store.set("tls", { "tls.crt": server.cert, "tls.key": server.key });
    await client.secrets.ready();
    const secret = await client.secrets.getSecret("tls", tlsPair());
    const { cert, key } = secret.reveal();
    const printed = client.secrets.redactor.redact(`${cert}\n${key}\n${key.split("\n")[1]}`);
    expect(printed).toContain(cert);
    for (const line of key.split("\n").filter((line) => line.length > 16 && !line.startsWith("-----")))
      expect(printed).not.toContain(line);
    await client.secrets.close();
  });

  test("masks a certificate file that holds a key too", async () => {
    const client = scriptedClient({ stores: ["a"] });
    client.store.set("tls", { "tls.crt": `${server.cert}${other.key}`, "tls.key": server.key });
    const secret = await client.secrets.getSecret("tls", tlsPair());
    secret.reveal();
    const line = other.key.split("\n")[1] ?? "";
    expect(client.secrets.redactor.redact(`at ${line}`)).toBe("at [REDACTED:tls]");
    await client.secrets.close();
  });

  function damaged(cert: string): string {
    return cert.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
  }

  function encryptedKey(): string {
    return generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: password },
    }).privateKey;
  }
});
