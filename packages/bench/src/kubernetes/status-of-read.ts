import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import type { ControlPlane } from "./control-plane.ts";

/** What the API server answers to the bearer of a token who reads a Secret. */
export async function statusOfRead(
  { url, certificateFolder }: ControlPlane,
  namespace: string,
  name: string,
  token: string,
): Promise<number> {
  const asked = request(`${url}/api/v1/namespaces/${namespace}/secrets/${name}`, {
    ca: readFileSync(join(certificateFolder, "apiserver.crt")),
    headers: { authorization: `Bearer ${token}` },
    agent: false,
    signal: AbortSignal.timeout(10_000),
  });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}
