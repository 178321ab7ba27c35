import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";

/** A stand-in for Google Cloud KMS and the metadata server of an instance: one token, one key for each resource id. */
export interface GoogleKms extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly keyId: string;
  /** The options of a key service for that key. */
  readonly key: object;
  /** Whether the identity may use keys. */
  isDenied: boolean;
}

/** Starts one on a free port. Until it is disposed of, this process takes it for the metadata server of its instance. */
export async function startGoogleKms(): Promise<GoogleKms> {
  const token = "t0ken-fixture-of-google";
  const keys = new Map<string, Buffer>();
  const keyOf = (id: string): Buffer => {
    const key = keys.get(id) ?? randomBytes(32);
    keys.set(id, key);
    return key;
  };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const reply = (status: number, json: object): void =>
      void response
        .writeHead(status, { "content-type": "application/json", "metadata-flavor": "Google" })
        .end(JSON.stringify(json));
    const { url = "", headers } = request;
    if (url.startsWith("/computeMetadata/"))
      return reply(200, { access_token: token, expires_in: 3600, token_type: "Bearer" });
    const [, id = "", action] = /^\/v1\/(projects\/.+\/cryptoKeys\/[^/:]+):(encrypt|decrypt)(?:\?|$)/.exec(url) ?? [];
    if (headers.authorization !== `Bearer ${token}`) return reply(401, { error: { status: "UNAUTHENTICATED" } });
    if (kms.isDenied) return reply(403, { error: { status: "PERMISSION_DENIED" } });
    const { plaintext = "", ciphertext = "" } = JSON.parse(body) as Readonly<Record<string, string>>;
    if (action === "encrypt") return reply(200, { name: id, ciphertext: sealed(keyOf(id), plaintext) });
    const opened = unsealed(keyOf(id), ciphertext);
    if (opened === undefined) return reply(400, { error: { status: "INVALID_ARGUMENT" } });
    reply(200, { plaintext: opened });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keyId = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
  vi.stubEnv("GCE_METADATA_HOST", url.replace("http://", ""));
  const kms: GoogleKms = {
    url,
    token,
    keyId,
    key: { use: "gcp-kms", keyId, endpoint: url, auth: { method: "metadata" } },
    isDenied: false,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      server.close();
    },
  };
  return kms;
}

function sealed(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const data = Buffer.concat([cipher.update(Buffer.from(plaintext, "base64")), cipher.final()]);
  return Buffer.concat([nonce, data, cipher.getAuthTag()]).toString("base64");
}

function unsealed(key: Buffer, ciphertext: string): string | undefined {
  const bytes = Buffer.from(ciphertext, "base64");
  if (bytes.length < 28) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("base64");
  } catch {
    return undefined;
  }
}
