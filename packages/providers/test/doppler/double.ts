import { createHash } from "node:crypto";
import { doppler } from "../../src/doppler/index.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { jsonOf, StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";

/** A Doppler with one config: downloads with their ETag, the identity of a token, logins by OIDC. */
export class DopplerDouble extends StoreDouble {
  readonly secrets: Map<string, string> = new Map();
  token = "dp.st.prd.s3cret-fixture";
  /** Of the token. */
  type = "service_token";
  /** The JWT that logs in, and how long its tokens live. */
  jwt = "s3cret-fixture-jwt";
  lifeMs = 3_600_000;

  override expireLogins(): void {
    this.token = `dp.st.prd.s3cret-fixture-${this.requests.length}`;
  }

  protected override answer({ path, query, headers, ...request }: StoreRequest): DoubleAnswer {
    if (path === "/v3/auth/oidc") return this.#login(jsonOf({ path, query, headers, ...request }));
    if (headers.authorization !== `Bearer ${this.token}`) return refusal(401, "Invalid Auth token");
    if (path === "/v3/me") return { body: { type: this.type, name: "orders", token_preview: "dp.st.prd.s3c...ure" } };
    if (path !== "/v3/configs/config/secrets/download") return refusal(404, "Not found");
    if ((query.config ?? "prd") !== "prd") return refusal(404, "Could not find requested config");
    // Member by member, as a name may be `__proto__`.
    const members = [...this.secrets].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    const body = `{${['"DOPPLER_CONFIG":"prd"', ...members].join(",")}}`;
    const etag = `W/"${createHash("sha256").update(body).digest("hex")}"`;
    return headers["if-none-match"] === etag ? { status: 304, headers: { etag } } : { body, headers: { etag } };
  }

  #login({ identity, token }: Readonly<Record<string, unknown>>): DoubleAnswer {
    if (this.refusesLogins || identity !== "id-1" || token !== this.jwt)
      return refusal(403, "Invalid identity or token");
    return { body: { success: true, token: this.token, expires_at: new Date((this.now?.() ?? 0) + this.lifeMs) } };
  }
}

/** Starts the double. */
export function openFixture(members?: Parameters<typeof openStoreFixture>[1]): Promise<StoreFixture<DopplerDouble>> {
  return openStoreFixture(
    {
      adapter: doppler,
      double: () => new DopplerDouble(),
      options: ({ double, file }) => ({
        url: double.url,
        auth: { method: "token", token: { $file: file("token", double.token) } },
      }),
    },
    members,
  );
}

/** What Doppler answers in its own words. */
export function refusal(status: number, message: string): DoubleAnswer {
  return { status, body: { messages: [message], success: false } };
}
