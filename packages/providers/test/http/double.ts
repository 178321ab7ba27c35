import { createHash } from "node:crypto";
import type { SecretPayload } from "@tacit/core/provider";
import { http } from "../../src/http/index.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture, type StoreFixtureParts } from "../store-fixture.ts";

/** A store of one's own: bodies below `/v1/`, an ETag for each, and one bearer token that is good. */
export class HttpStoreDouble extends StoreDouble {
  readonly bodies: Map<string, string | Uint8Array> = new Map();
  token = "s3cret-fixture-token";
  /** Makes the validators of an answer. */
  validators: (body: string | Uint8Array) => Readonly<Record<string, string>> = (body) => ({
    // As many servers do it, which is why no ETag may be told.
    etag: `"${createHash("md5").update(body).digest("hex")}"`,
  });

  override expireLogins(): void {
    this.token = `s3cret-fixture-token-${this.requests.length}`;
  }

  protected override answer({ path, headers }: StoreRequest): DoubleAnswer {
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401, body: { error: "no such token" } };
    const body = this.bodies.get(path.replace(/^\/v1\//, ""));
    if (body === undefined) return { status: 404, body: { error: "no such secret" } };
    const validators = this.validators(body);
    const isKnown =
      (validators.etag !== undefined && headers["if-none-match"] === validators.etag) ||
      (validators["last-modified"] !== undefined && headers["if-modified-since"] === validators["last-modified"]);
    if (isKnown) return { status: 304, headers: validators };
    const type = typeof body === "string" ? "application/json" : "application/octet-stream";
    return { body, headers: { "content-type": type, ...validators } };
  }
}

const parts: StoreFixtureParts<HttpStoreDouble> = {
  adapter: http,
  double: () => new HttpStoreDouble(),
  options: ({ double, file }) => ({
    url: `${double.url}/v1/{+path}`,
    auth: { method: "bearer", token: { $file: file("token", double.token) } },
  }),
};

/** Starts the double. */
export function openFixture(members?: Parameters<typeof openStoreFixture>[1]): Promise<StoreFixture<HttpStoreDouble>> {
  return openStoreFixture(parts, members);
}

/** The body of a payload: a value's bytes, or JSON, member by member, as a key may be `__proto__`. */
export function bodyOf(payload: SecretPayload): string | Uint8Array {
  if (payload.kind === "value") return payload.bytes;
  const members = [...payload.fields].map(
    ([key, bytes]) => `${JSON.stringify(key)}:${JSON.stringify(Buffer.from(bytes).toString())}`,
  );
  return `{${members.join(",")}}`;
}
