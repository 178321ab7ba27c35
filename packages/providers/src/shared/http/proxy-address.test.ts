import { afterEach, describe, expect, test, vi } from "vitest";
import { proxyOf } from "./proxy-address.ts";

afterEach(() => vi.unstubAllEnvs());

/** Returns the proxy of the environment for a URL. */
function led(url: string, noProxy = "", proxy = "http://proxy.example:3128"): string | undefined {
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY"]) vi.stubEnv(name, proxy);
  for (const name of ["https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "no_proxy"]) vi.stubEnv(name, "");
  vi.stubEnv("NO_PROXY", noProxy);
  return proxyOf({ url: new URL(url), proxy: "environment" })?.host;
}

describe("NO_PROXY", () => {
  test.each([
    ["https://10.1.2.3", "10.0.0.0/8"],
    ["https://10.1.2.3:8200", "localhost,10.0.0.0/8,.svc"],
    ["https://10.1.2.3", "192.168.0.0/16 10.0.0.0/8"],
    ["https://10.1.2.3", "10.1.2.3"],
    ["https://[fd00::1]:6443", "fd00::/8"],
    ["https://[fd00::1]", "fd00::1"],
    ["https://[fd00::1]", "[fd00::1]"],
    ["https://vault.svc", ".svc"],
    ["https://vault.svc:8200", "vault.svc:8200"],
    ["https://vault.example", "*"],
    ["https://vault.example", "other, *"],
    ["https://vault.example", "example"],
    ["https://Vault.Example.com", "example.COM"],
    ["https://a.vault.svc.cluster.local:8200", "svc.cluster.local"],
    ["https://vault.example:8200", "example:8200"],
    ["https://vault.example", "*.example:443"],
    ["https://[fd00::1]:6443", "[fd00::1]:6443"],
    ["https://10.1.2.3:8200", "10.1.2.3:8200"],
    ["https://[::ffff:10.1.2.3]", "10.0.0.0/8"],
  ])("%s bypasses the proxy because of %s", (url, noProxy) => {
    expect(led(url, noProxy)).toBeUndefined();
  });

  test.each([
    ["https://11.1.2.3", "10.0.0.0/8"],
    ["https://vault.example", "10.0.0.0/8,fd00::/8"],
    ["https://[fe80::1]", "fd00::/8"],
    ["https://10.1.2.3", "10.0.0.0/99,/8,10.0.0.0/,a/b"],
    ["https://10.1.2.3", "fd00::/8"],
    ["https://vault.svc:8201", "vault.svc:8200"],
    ["https://notexample.com", "example.com"],
    ["https://example.com", ".example.com,*.example.com"],
    ["https://vault.example", "example:8200"],
    ["https://[fd00::1]:6443", "[fd00::1]:443,fd00::2"],
    ["https://10.1.2.3:8200", "10.1.2.3:443,1.2.3"],
  ])("%s uses the proxy despite %s", (url, noProxy) => {
    expect(led(url, noProxy)).toBe("proxy.example:3128");
  });
});

test.each([
  "https://127.0.0.1:8200",
  "https://127.9.9.9",
  "https://[::1]:8200",
  "https://localhost:8200",
  "http://localhost",
])("this machine, as %s, never uses the proxy of the environment", (url) => {
  expect(led(url)).toBeUndefined();
  expect(proxyOf({ url: new URL(url), proxy: "http://proxy.example:3128" })?.host).toBe("proxy.example:3128");
});

test("a proxy without a scheme is an http proxy, as for curl and Go", () => {
  expect(led("https://vault.example", "", "proxy.example:3128")).toBe("proxy.example:3128");
  expect(proxyOf({ url: new URL("https://vault.example"), proxy: "environment" })?.protocol).toBe("http:");
});

test("no proxy is used by default", () => {
  led("https://vault.example");
  expect(proxyOf({ url: new URL("https://vault.example"), proxy: "none" })).toBeUndefined();
});

test("a proxy of another protocol is INVALID_CONFIG, without its password", () => {
  const open = (): unknown =>
    proxyOf({ url: new URL("https://vault.example"), proxy: "socks5://u:s3cret-fixture@proxy" });
  expect(open).toThrow(expect.objectContaining({ code: "INVALID_CONFIG", reason: "invalid" }));
  expect(open).not.toThrow(/s3cret-fixture/);
});
