import { manualClock } from "@tacit/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkedHeaders, userAgent } from "./headers.ts";
import { fillPath, fillQuery } from "./path.ts";
import { parseRetryAfter } from "./retry-after.ts";
import { parseStoreUrl } from "./url.ts";

test.each([
  "https://store.example:8200",
  "http://localhost:8200",
  "http://127.0.0.1",
  "http://127.1",
  "http://[::1]:8200",
])("%s is accepted as the address of a store", (url) => {
  expect(parseStoreUrl(url).href).toBe(new URL(url).href);
});

test.each([
  "http://store.example",
  "http://localhost.example",
  "http://127.0.0.1.example",
  "http://0.0.0.0",
  "http://10.0.0.1",
  "http://[::2]",
])("%s is refused, since it would send secrets unencrypted", (url) => {
  expect(() => parseStoreUrl(url)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG", reason: "insecure-url" }));
  expect(parseStoreUrl(url, { allowInsecureHttp: true }).protocol).toBe("http:");
  expect(parseStoreUrl(url, { socketPath: "/run/agent.sock" }).protocol).toBe("http:");
});

test.each([
  ["store.example", "invalid"],
  ["ftp://store.example", "invalid"],
  ["https://store.example?namespace=a", "invalid"],
  ["https://store.example#a", "invalid"],
  ["https://user:s3cret-fixture@store.example", "literal-credential"],
  ["http://s3cret-fixture@localhost", "literal-credential"],
])("%s is refused as the address of a store", (url, reason) => {
  const failing = (): URL => parseStoreUrl(url, { allowInsecureHttp: true });
  expect(failing).toThrow(expect.objectContaining({ code: "INVALID_CONFIG", reason }));
  expect(failing).not.toThrow(/s3cret|\?namespace/);
});

test("a path takes one segment or several, each encoded", () => {
  const values = { name: "a b:c@d", path: "team/ä.b/..c" };
  expect(fillPath("/v1/{*path}/authenticate", values)).toBe("/v1/team%2F%C3%A4.b%2F..c/authenticate");
  expect(fillPath("/v1/{name}/x:access/{+path}", values)).toBe("/v1/a%20b%3Ac%40d/x:access/team/%C3%A4.b/..c");
});

const refused = [
  "",
  ".",
  "..",
  "a/../b",
  "/a",
  "a/",
  "a//b",
  "a\\b",
  "..\\a",
  "a\r\nHost: b",
  "a\0",
  "a%2Fb",
  "%2e%2E/a",
  "a%5cb",
  "\ud800",
];

test.each(refused)("%j is refused as a path", (path) => {
  const problem = expect.objectContaining({ code: "INVALID_NAME", reason: "path" });
  expect(() => fillPath("/v1/{+path}", { path })).toThrow(problem);
  expect(() => fillPath("/v1/{path}", { path })).toThrow(problem);
  expect(() => fillPath("/v1/{*path}", { path })).toThrow(problem);
});

test("a single segment with a slash is refused, as is a template with a query, a line break or a missing value", () => {
  const templates: [string, Record<string, string>][] = [
    ["/{name}", { name: "a/b" }],
    ["/a?b", {}],
    ["/a#b", {}],
    ["/a\r\nb", {}],
    ["/a/../b", {}],
    ["a", {}],
    ["/{name}", {}],
  ];
  for (const [template, values] of templates) {
    expect(() => fillPath(template, values)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  }
});

test("no value changes the other segments of a path", () => {
  const place = /^\/v1\/([^/?#]+)(\/[^/?#]+)*\/end$/;
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (one, other) => {
      let path: string;
      try {
        path = fillPath("/v1/{one}/{+other}/end", { one, other });
      } catch {
        return;
      }
      const url = new URL(path, "http://127.0.0.1");
      expect(url.pathname).toBe(path);
      expect(path).toMatch(place);
      expect(decodeURIComponent(path)).toBe(`/v1/${one}/${other}/end`);
    }),
  );
});

test("a query is encoded in a form that all servers decode", () => {
  expect(fillQuery()).toBe("");
  expect(fillQuery({ a: "x y+&=", "b c": true, n: 7, none: undefined })).toBe("?a=x%20y%2B%26%3D&b%20c=true&n=7");
});

test("header names become lower case, undefined values are left out, and no value can start another header", () => {
  expect(checkedHeaders({ "X-Token": "a\tb", none: undefined })).toEqual({ "x-token": "a\tb" });
  for (const text of ["a\n", "a\r\nX: b", "a\0", "€"]) {
    const failing = (): unknown => checkedHeaders({ "X-Token": text });
    expect(failing).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED", reason: "credential-malformed" }));
    expect(failing).toThrow('the header "x-token"');
  }
  expect(() => checkedHeaders({ "a b": "c" })).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
});

test("the user agent contains Tacit and the application, in visible ASCII", () => {
  expect(userAgent()).toMatch(/^tacit\/\d+\.\d+\.\d+$/);
  expect(userAgent("orders/2.1")).toMatch(/^tacit\/\S+ orders\/2\.1$/);
  expect(checkedHeaders({ "user-agent": userAgent(`a\r\nX: b ${"ä".repeat(500)}`) })["user-agent"]).toMatch(/ aX:b$/);
});

test.each<[string | undefined, number | undefined]>([
  [undefined, undefined],
  ["", undefined],
  ["0", 0],
  ["7", 7000],
  [" 7 ", 7000],
  ["301", 300_000],
  ["9".repeat(400), 300_000],
  ["1.5", undefined],
  ["-1", undefined],
  ["soon", undefined],
  ["Thu, 01 Jan 2026 00:00:07 GMT", 7000],
  ["Wed, 31 Dec 2025 23:59:59 GMT", 0],
  ["Fri, 01 Jan 2027 00:00:00 GMT", 300_000],
  ["Thu, 99 Jan 2026 00:00:07 GMT", undefined],
])("Retry-After %j", (header, ms) => {
  expect(parseRetryAfter(header, manualClock(new Date("2026-01-01T00:00:00Z")))).toBe(ms);
});
