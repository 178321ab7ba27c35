import { describe, expect, test } from "vitest";
import { claimsIn, parseChallenge } from "./azure-challenge.ts";

const host = "orders.vault.azure.net";
const tenant = "https://login.microsoftonline.com/tenant-1";

describe("the challenge of a vault", () => {
  test.each([
    `Bearer authorization="${tenant}", resource="https://vault.azure.net"`,
    `Bearer resource="https://vault.azure.net/", authorization_uri="${tenant}"`,
    `bearer authorization="${tenant}", scope="https://vault.azure.net/.default"`,
    `Negotiate, Bearer authorization="${tenant}",resource=https://vault.azure.net`,
    `PoP realm="x", Bearer  authorization = "${tenant}" , resource = "https://vault.azure.net"`,
  ])("is parsed from %s", (header) => {
    expect(parseChallenge(header, host)).toEqual({ scope: "https://vault.azure.net/.default", tenantId: "tenant-1" });
  });

  test("of an emulator may contain its own host", () => {
    expect(parseChallenge('Bearer resource="https://127.0.0.1:8443"', "127.0.0.1").scope).toBe(
      "https://127.0.0.1:8443/.default",
    );
  });

  test.each([
    "https://management.azure.com",
    "https://graph.microsoft.com",
    "https://net",
    "https://t.azure.net",
    "https://evil-vault.azure.net",
    "https://vault.azure.net@evil.example",
    "https://vault.azure.net.evil.example",
    "https://user@vault.azure.net",
    "ftp://vault.azure.net",
    "vault.azure.net",
    "",
  ])("for the resource %j is refused", (resource) => {
    const refused = expect.objectContaining({ code: "UNAUTHENTICATED", reason: "challenge" });
    expect(() => parseChallenge(`Bearer authorization="${tenant}", resource="${resource}"`, host)).toThrow(refused);
    expect(() => parseChallenge(`Bearer authorization="${tenant}", scope="${resource}/.default"`, host)).toThrow(
      refused,
    );
  });

  test.each([undefined, "", "Basic realm=x", "Bearer", 'Bearer authorization="x"'])(
    "%j is not a challenge",
    (header) => {
      expect(() => parseChallenge(header, host)).toThrow(expect.objectContaining({ reason: "challenge" }));
    },
  );
});

describe("required claims", () => {
  const encoded = (text: string): string => Buffer.from(text).toString("base64");

  test("are decoded from base64 JSON", () => {
    const json = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    expect(claimsIn(`Bearer realm="", error="insufficient_claims", claims="${encoded(json)}"`)).toBe(json);
  });

  test.each([
    undefined,
    `Bearer error="invalid_token", claims="${encoded("{}")}"`,
    `Bearer error="insufficient_claims"`,
    `Bearer error="insufficient_claims", claims="${encoded("text")}"`,
    `Bearer error="insufficient_claims", claims="${encoded(`{"a":"${"x".repeat(10_000)}"}`)}"`,
  ])("are absent in %j", (header) => {
    expect(claimsIn(header)).toBeUndefined();
  });
});
