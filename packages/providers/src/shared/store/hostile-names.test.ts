import { isSecretError } from "@tacit/core/provider";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { openFixture as openConjur } from "../../../test/conjur/double.ts";
import { openFixture as openCcp } from "../../../test/cyberark-ccp/double.ts";
import { openFixture as openDoppler } from "../../../test/doppler/double.ts";
import { openFixture as openHttp } from "../../../test/http/double.ts";
import { openFixture as openInfisical } from "../../../test/infisical/double.ts";
import { openFixture as openConnect } from "../../../test/onepassword-connect/double.ts";
import type { StoreDouble, StoreRequest } from "../../../test/store-double.ts";
import { read, type StoreFixture } from "../../../test/store-fixture.ts";

/** Names that would address another secret if they got into a URL, query, filter or header unencoded. */
const pieces = [
  ..."../\\%?#&=+;:,\"'{}[]<>|*~ \t\r\n\0a1éЖ",
  "..",
  "%2e%2e",
  "%2F",
  "%00",
  "\u2024\u2024\u2215",
  "\uff0e\uff0e\uff0f",
  "\u202e",
  "\u2028",
  "\u009b2J",
  "\ud800",
  "e\u0301",
  '" or title co "',
  "__proto__",
  "HTTP/1.1\r\nHost: evil",
];

/** A store, and a function that returns the secret a request asks for. */
interface Asked {
  readonly fixture: StoreFixture<StoreDouble>;
  readonly options?: Record<string, unknown>;
  /** Returns undefined for any other request. */
  asks(request: StoreRequest): string | undefined;
}

const conjur = await openConjur();
const stores: Readonly<Record<string, Asked>> = {
  conjur: {
    fixture: conjur,
    asks: ({ target }) => {
      const id = /^\/secrets\/acct\/variable\/([^/?]+)$/.exec(target)?.[1];
      return id === undefined ? undefined : decodeURIComponent(id);
    },
  },
  "cyberark-ccp": {
    fixture: await openCcp(),
    asks: ({ query: { AppID, Folder, Safe, Object: object, ...others } }) =>
      AppID === "orders" && Folder === "Root" && Object.keys(others).length === 0
        ? `${Safe === "Orders" ? "" : `${Safe}/`}${object}`
        : undefined,
  },
  http: { fixture: await openHttp(), asks: ({ target, path }) => (target.includes("?") ? undefined : path.slice(4)) },
  "http, in a query": {
    fixture: await openHttp(),
    options: { url: "/v1?env=prod&name={path}" },
    asks: ({ path, query: { env, name, ...others } }) =>
      path === "/v1" && env === "prod" && Object.keys(others).length === 0 ? name : undefined,
  },
  infisical: {
    fixture: await openInfisical(),
    asks: ({ target, query: { secretPath = "" } }) => {
      const name = /^\/api\/v3\/secrets\/raw\/([^/?]+)\?/.exec(target)?.[1];
      return name === undefined ? undefined : `${secretPath}/${decodeURIComponent(name)}`.replace(/^\/+/, "");
    },
  },
  "onepassword-connect": {
    fixture: await openConnect(),
    asks: ({ query: { filter, ...others } }) =>
      Object.keys(others).length === 0 ? /^title eq "([^"]+)"$/.exec(filter ?? "")?.[1] : undefined,
  },
  doppler: {
    fixture: await openDoppler(),
    asks: ({ target }) => (target === "/v3/configs/config/secrets/download?format=json" ? "any" : undefined),
  },
};

describe.each(Object.entries(stores))("%s", (name, { fixture, options, asks }) => {
  afterAll(() => fixture[Symbol.asyncDispose]());

  test("asks for exactly the given name, or sends no request", async () => {
    const { double } = fixture;
    const url = options?.url === undefined ? {} : { url: `${double.url}${options.url}` };
    const provider = await fixture.open({ ...options, ...url });
    const names = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom("db", "A", "/")), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join(""));
    let total = 0;
    await fc.assert(
      fc.asyncProperty(names, async (path) => {
        const before = double.requests.length;
        const refusal = await read(provider, path).then(
          () => undefined,
          (error: unknown) => error,
        );
        const asked = double.requests
          .slice(before)
          .map(asks)
          .filter((each) => each !== undefined);
        total += asked.length;
        if (isSecretError(refusal, "INVALID_NAME")) expect(double.requests.length).toBe(before);
        else for (const each of asked) expect(each).toBe(name === "doppler" ? "any" : path);
      }),
      { numRuns: process.env.TACIT_ALL_SEEDS === undefined ? 40 : 2000 },
    );
    expect(total).toBeGreaterThan(0);
  });
});
