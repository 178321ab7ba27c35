import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { declareSecrets, type SecretsOf } from "@tacit/core";

/** The sender may go on signing with the key before, for as long as it takes to tell it the new one. */
export const declared = declareSecrets({ webhook: { ref: "webhook/key", overlap: "15m" } });

/** Whether the body, byte by byte as it came, was signed with a key that is accepted now. */
export function isGenuine(secrets: SecretsOf<typeof declared>, body: Uint8Array, signature: string): boolean {
  const given = Buffer.from(signature.replace(/^sha256=/, ""), "hex");
  const matches = secrets.accepted("webhook").map((key) => {
    const expected = createHmac("sha256", key.reveal()).update(body).digest();
    return given.length === expected.length && timingSafeEqual(given, expected); // in constant time
  });
  return matches.includes(true);
}

/** A receiver that takes genuine messages alone. */
export function createReceiver(secrets: SecretsOf<typeof declared>, receive: (body: Buffer) => void): Server {
  const answer = async (request: IncomingMessage): Promise<number> => {
    const body = await readBody(request, 1024 * 1024);
    if (body === undefined) return 413;
    if (!isGenuine(secrets, body, String(request.headers["x-signature"]))) return 401;
    receive(body);
    return 204;
  };
  return createServer((request, response) => {
    answer(request).then(
      (status) => response.writeHead(status, { connection: "close" }).end(),
      () => response.destroy(), // the sender went away
    );
  });
}

/** Undefined for what is too large. */
async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
