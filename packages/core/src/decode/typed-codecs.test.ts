import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { generate } from "selfsigned";
import { describe, expect, test } from "vitest";
import { scriptedClient } from "../../test/scripted-client.ts";
import type { SecretPayload } from "../contract/contract.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { SecretError } from "../error/secret-error.ts";
import { basicAuth } from "./basic-auth.ts";
import type { Codec } from "./codec.ts";
import { dockerConfig } from "./docker-config.ts";
import { sshKey } from "./ssh-key.ts";
import { tlsPair } from "./tls-pair.ts";

type Fields = Readonly<Record<string, string | Uint8Array>>;

const password = "s3cret-fixture";
const [server, other] = await Promise.all([certificate("server.example"), certificate("other.example")]);

async function certificate(name: string) {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], { keyType: "ec" });
  return { cert: `${cert.trimEnd()}\n`, key: `${key.trimEnd()}\n` };
}

function payload(content: Fields | string): SecretPayload {
  if (typeof content === "string") return { kind: "value", bytes: Buffer.from(content) };
  const fields = Object.entries(content).map(([key, raw]) => [key, Buffer.from(raw as string)] as const);
  return { kind: "fields", fields: new Map(fields) };
}

async function read<T>(codec: Codec<T>, content: Fields | string): Promise<unknown> {
  const decoded = await codec.decode(payload(content), { reference: "it", expose: () => undefined });
  return decoded.kind === "value" ? decoded.value : Buffer.from(decoded.bytes).toString();
}

async function refusal<T>(codec: Codec<T>, content: Fields | string): Promise<string | undefined> {
  const error = await read(codec, content).then(
    () => undefined,
    (thrown: SecretError) => thrown,
  );
  expect(inspect(error, { depth: 10 })).not.toContain(password);
  expect(error?.code).toBe("INVALID_VALUE");
  return error?.reason;
}

const docker = (auths: unknown): Fields => ({ ".dockerconfigjson": JSON.stringify({ auths }) });
const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("each codec is one, so that every call means the same view", () => {
  for (const codec of [tlsPair, basicAuth, dockerConfig, sshKey]) expect(codec()).toBe(codec());
});

describe("tlsPair", () => {
  const fields = { "tls.crt": `${server.cert}${other.cert}`, "tls.key": server.key };

  test("gives PEM texts that end with one line feed, from fields or from a JSON object", async () => {
    const pair = { cert: fields["tls.crt"], key: server.key };
    expect(await read(tlsPair(), fields)).toEqual(pair);
    expect(await read(tlsPair(), JSON.stringify({ ...fields, "tls.key": server.key.trimEnd() }))).toEqual(pair);
    expect(new X509Certificate(pair.cert).subject).toBe("CN=server.example");
  });

  test("gives the authorities where there are any", async () => {
    const ca = other.cert;
    expect(await read(tlsPair(), { ...fields, "ca.crt": `${other.cert}\n\n` })).toMatchObject({ ca });
    expect(await read(tlsPair(), { ...fields, "ca.crt": "" })).not.toHaveProperty("ca");
  });

  test.each<[string, string, Fields | string]>([
    ["the key of another certificate", "key-mismatch", { "tls.crt": server.cert, "tls.key": other.key }],
    ["a chain whose first certificate is not its own", "key-mismatch", { ...fields, "tls.key": other.key }],
    ["no key", "field-missing", { "tls.crt": server.cert }],
    ["an empty key", "empty", { ...fields, "tls.key": "\n" }],
    ["a key that is none", "private-key", { ...fields, "tls.key": password }],
    ["a key with a passphrase", "private-key", { ...fields, "tls.key": encryptedKey() }],
    ["a certificate that is none", "certificate", { ...fields, "tls.crt": password }],
    ["a certificate cut short", "certificate", { ...fields, "tls.crt": server.cert.slice(0, 200) }],
    ["authorities that are none", "certificate", { ...fields, "ca.crt": password }],
    ["bytes for authorities", "certificate", { ...fields, "ca.crt": Uint8Array.of(0xff, 0xfe) }],
    ["bytes for a key", "not-utf8", { ...fields, "tls.key": Uint8Array.of(0xff, 0xfe) }],
    ["text that is no JSON", "not-json", server.cert],
  ])("refuses %s", async (_what, reason, content) => {
    expect(await refusal(tlsPair(), content)).toBe(reason);
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

  function encryptedKey(): string {
    return generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: password },
    }).privateKey;
  }
});

describe("basicAuth", () => {
  test("gives user and password", async () => {
    expect(await read(basicAuth(), { username: "app\n", password: `${password}\n` })).toEqual({
      username: "app",
      password,
    });
  });

  test("refuses a Secret with only one of them", async () => {
    expect(await refusal(basicAuth(), { password })).toBe("field-missing");
  });
});

describe("dockerConfig", () => {
  const login = { username: "app", password: `${password}:with:colons` };
  const auth = base64(`${login.username}:${login.password}`);

  test.each<[string, Fields | string]>([
    ["auth alone", docker({ "ghcr.io": { auth } })],
    ["auth that Docker filled up with NULs", docker({ "ghcr.io": { auth: base64(`app:${login.password}\0\0`) } })],
    ["auth beside other words", docker({ "ghcr.io": { auth, username: "old", password: "old" } })],
    ["user and password", docker({ "ghcr.io": { ...login, auth: "" } })],
    ["the older field", { ".dockercfg": JSON.stringify({ "ghcr.io": { auth } }) }],
    ["the document as one value", docker({ "ghcr.io": { auth } })[".dockerconfigjson"] as string],
    ["the older document as one value", JSON.stringify({ "ghcr.io": { auth } })],
    ["fields in one value", JSON.stringify(docker({ "ghcr.io": { auth } }))],
    ["the older field in one value", JSON.stringify({ ".dockercfg": JSON.stringify({ "ghcr.io": { auth } }) })],
  ])("reads %s", async (_what, content) => {
    expect(await read(dockerConfig(), content)).toEqual({ "ghcr.io": login });
  });

  test("reads several registries, and the address where one is given", async () => {
    const content = docker({ a: { ...login, email: "a@example.com" }, __proto__x: { auth, email: "" } });
    expect(await read(dockerConfig(), content)).toEqual({ a: { ...login, email: "a@example.com" }, __proto__x: login });
  });

  test.each<[string, string, Fields | string]>([
    ["neither field", "field-missing", { password }],
    ["no auths", "docker-config", { ".dockerconfigjson": "{}" }],
    ["auths that are a list", "docker-config", docker([password])],
    ["a registry that is text", "docker-config", docker({ a: password })],
    ["a registry without a login, as with a credential helper", "docker-config", docker({ a: {} })],
    ["auth that is no base64", "docker-config", docker({ a: { auth: `${password}!` } })],
    ["auth without a colon", "docker-config", docker({ a: { auth: base64(password) } })],
    ["auth that is no text", "docker-config", docker({ a: { auth: "//46/w==" } })],
    ["text that is no JSON", "not-json", { ".dockerconfigjson": password }],
    ["a list", "not-object", { ".dockercfg": `["${password}"]` }],
    ["nothing", "empty", { ".dockercfg": "" }],
  ])("refuses %s", async (_what, reason, content) => {
    expect(await refusal(dockerConfig(), content)).toBe(reason);
  });
});

describe("sshKey", () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${password}\n-----END OPENSSH PRIVATE KEY-----`;

  test.each([
    ["without its last line feed", key],
    ["with more than one", `${key}\n\n`],
  ])("gives a key %s with exactly one", async (_what, stored) => {
    expect(await read(sshKey(), { "ssh-privatekey": stored })).toBe(`${key}\n`);
  });

  test("takes a key of PuTTY", async () => {
    const putty = `PuTTY-User-Key-File-3: ssh-ed25519\n${password}\n`;
    expect(await read(sshKey(), { "ssh-privatekey": putty })).toBe(putty);
  });

  test.each<[string, string, Fields]>([
    ["a public key", "private-key", { "ssh-privatekey": `ssh-ed25519 ${password} app@example` }],
    ["a key without its end", "private-key", { "ssh-privatekey": key.slice(0, 50) }],
    ["no key", "field-missing", { password }],
  ])("refuses %s", async (_what, reason, content) => {
    expect(await refusal(sshKey(), content)).toBe(reason);
  });
});
