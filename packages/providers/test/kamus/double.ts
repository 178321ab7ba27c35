import { createCipheriv, createDecipheriv } from "node:crypto";
import { request } from "node:https";
import type { DoubleAnswer } from "../http-double.ts";
import { jsonOf, StoreDouble, type StoreRequest } from "../store-double.ts";

const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

/** A decryptor of Kamus with one key. Who a token belongs to is asked of `reviews`. */
export class KamusDouble extends StoreDouble {
  token = "s3cret-fixture-token";
  /** `namespace:account` of a token; undefined for none that it takes. */
  reviews: (token: string) => Promise<string | undefined> = async (token) =>
    token === this.token ? "shop:orders" : undefined;
  /** Whose items these are. */
  owner = "shop:orders";

  /** Has tokens reviewed by an API server without an audience, as Kamus does. @param ca in PEM @param token of who may review */
  reviewAt(url: string, ca: string, token: string): void {
    this.reviews = async (reviewed) => {
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: reviewed } };
      const address = `${url}/apis/authentication.k8s.io/v1/tokenreviews`;
      const { status } = (await post(address, { ca, token }, review)) as {
        readonly status?: { readonly authenticated?: boolean; readonly user?: { readonly username?: string } };
      };
      const account = /^system:serviceaccount:(.+)$/.exec(status?.user?.username ?? "")?.[1];
      return status?.authenticated === true ? account : undefined;
    };
  }

  protected override async answer(request: StoreRequest): Promise<DoubleAnswer> {
    const { method, path, headers } = request;
    if (path === "/api/v1/isAlive") return { body: "true" };
    if (method !== "POST" || path !== "/api/v1/decrypt") return { status: 404 };
    const owner = await this.reviews(headers.authorization?.replace(/^Bearer /, "") ?? "");
    if (owner === undefined) return { status: 401 };
    const { data } = jsonOf(request);
    if (typeof data !== "string") return { status: 400, body: "The Data field is required." };
    if (owner !== this.owner) return { status: 400 };
    const [iv = "", sealed = ""] = data.split(":");
    try {
      const decipher = createDecipheriv("aes-256-cbc", key, Buffer.from(iv, "base64"));
      const body = Buffer.concat([decipher.update(Buffer.from(sealed, "base64")), decipher.final()]);
      return { body, headers: { "content-type": "text/plain; charset=utf-8" } };
    } catch {
      return { status: 400 };
    }
  }
}

/** Encrypts an item as the AES provider of Kamus does. @param iv fixed for a known answer */
export function encryptItem(
  content: Uint8Array | string,
  iv: Uint8Array = crypto.getRandomValues(new Uint8Array(16)),
): string {
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return `${Buffer.from(iv).toString("base64")}:${sealed.toString("base64")}`;
}

function post(
  url: string,
  { ca, token }: { readonly ca: string; readonly token: string },
  json: object,
): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", ca, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject).end(JSON.stringify(json));
  });
}
