import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import axios, { type AxiosError } from "axios";

/**
 * The error of a real request that a store refuses, with the value in its header, query, body and credentials, and in the
 * answer, which echoes it.
 */
export async function refusedRequest(value: string): Promise<AxiosError> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(403, { "content-type": "application/json", "x-request": value });
    response.end(JSON.stringify({ errors: [`token ${value} may not read this`] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/kv`;
  try {
    const headers = { "x-vault-token": value, connection: "close" };
    await axios.post(
      url,
      { password: value },
      { headers, params: { token: value }, auth: { username: "app", password: value } },
    );
  } catch (error) {
    if (axios.isAxiosError(error)) return error;
    throw error;
  } finally {
    server.close();
  }
  throw new Error("the request was not refused");
}
