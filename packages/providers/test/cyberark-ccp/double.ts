import type { ServerOptions } from "node:https";
import { cyberarkCcp } from "../../src/cyberark-ccp/index.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";

/** A Central Credential Provider: accounts of safes as JSON, one application, clients by certificate where it speaks TLS. */
export class CcpDouble extends StoreDouble {
  /** `safe/object` -> the members of its JSON */
  readonly accounts: Map<string, string> = new Map();
  /** The common names whose certificates belong to the application; any client where there is no TLS. */
  readonly peers: Set<string> = new Set(["orders"]);
  /** As it is written. */
  inProcess: unknown = "False";

  protected override answer({ method, path, query, peer }: StoreRequest): DoubleAnswer {
    if (method !== "GET" || path !== "/AIMWebService/api/Accounts") return { status: 404, body: "<html>404</html>" };
    if (this.scheme === "https" && peer === undefined) return { status: 403, body: "<html>403.7</html>" };
    if (this.refusesLogins || (peer !== undefined && !this.peers.has(peer)))
      return failure(403, "APPAP306E", "Authentication error for App: [orders]. Client certificate does not match");
    if (query.AppID !== "orders") return failure(403, "APPAP008E", "ITATS982E User app [x] isn't defined");
    const account = this.accounts.get(`${query.Safe}/${query.Object}`);
    if (account === undefined || query.Folder !== "Root")
      return failure(
        404,
        "APPAP004E",
        `Password object matching query [Safe=${query.Safe};Object=${query.Object}] was not found`,
      );
    const own = `"PasswordChangeInProcess":${JSON.stringify(this.inProcess)},"CPMStatus":"success"`;
    return { body: `{${[account, own].filter((part) => part !== "").join(",")}}` };
  }
}

/** What the provider answers in its own words. */
export function failure(status: number, code: string, message: string): DoubleAnswer {
  return { status, body: { ErrorCode: code, ErrorMsg: message } };
}

/** Starts the double, over TLS where a certificate is given. Providers are known by their address. */
export function openFixture(
  members?: Parameters<typeof openStoreFixture>[1],
  secure?: ServerOptions,
): Promise<StoreFixture<CcpDouble>> {
  return openStoreFixture<CcpDouble>(
    {
      adapter: cyberarkCcp,
      double: () => new CcpDouble(secure),
      options: ({ double }) => ({ url: double.url, appId: "orders", safe: "Orders", auth: { method: "machine" } }),
    },
    members,
  );
}
