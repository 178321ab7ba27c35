import type { DoubleAnswer } from "./http-double.ts";
import { StoreDouble, type StoreRequest } from "./store-double.ts";

/** The metadata server of a machine at Google or at Azure: tokens for any audience, with the claim that says for which. */
export class MetadataDouble extends StoreDouble {
  /** Variables that lead to it. */
  get environment(): Readonly<Record<string, string>> {
    return { GCE_METADATA_HOST: `127.0.0.1:${this.port}`, AZURE_POD_IDENTITY_AUTHORITY_HOST: this.url };
  }

  protected override answer({ path, query, headers }: StoreRequest): DoubleAnswer {
    if (headers["metadata-flavor"] === "Google" && /\/service-accounts\/[^/]+\/identity$/.test(path))
      return {
        body: tokenFor(query.audience ?? ""),
        headers: { "content-type": "text/plain", "metadata-flavor": "Google" },
      };
    if (headers.metadata === "true" && path === "/metadata/identity/oauth2/token")
      return { body: { access_token: tokenFor(query.resource ?? ""), expires_in: "3599", token_type: "Bearer" } };
    return { status: 403 };
  }
}

/** A JWT that nobody has signed, for the doubles that look at its audience alone. */
function tokenFor(aud: string): string {
  const parts = [{ alg: "none" }, { aud, secret: "s3cret-fixture" }];
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")), "c2lnbmVk"].join(".");
}

/** The audience of a JWT, which is not checked; undefined for what is none. */
export function audienceOf(jwt: unknown): unknown {
  const [, claims = ""] = String(jwt).split(".");
  return claims === "" ? undefined : (JSON.parse(Buffer.from(claims, "base64url").toString()) as { aud?: unknown }).aud;
}
