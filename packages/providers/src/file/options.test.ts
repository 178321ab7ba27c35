import { parseOptions } from "@tacit/core/conformance";
import { expect, test } from "vitest";
import { file } from "./index.ts";

const parse = (options: Record<string, unknown>) => parseOptions(file as never, options);

test("only the root is required", async () => {
  const defaults = { watch: "auto", settleMs: 20, maxBytes: 1_048_576, followExternalLinks: false, parse: "raw" };
  expect(await parse({ root: "/etc/secrets" })).toEqual({ root: "/etc/secrets", ...defaults });
});

test.each([
  ["no root", {}, "root"],
  ["an empty root", { root: "" }, "root"],
  ["an unknown option", { root: "/x", roots: "/y" }, "roots"],
  ["a settle time without a unit", { root: "/x", settle: 20 }, "settle"],
  ["a settle time that is too short", { root: "/x", settle: "19ms" }, "settle"],
  ["a settle time that is too long", { root: "/x", settle: "1h" }, "settle"],
  ["a way to watch that does not exist", { root: "/x", watch: "push" }, "watch"],
  ["a cap of nothing", { root: "/x", maxBytes: 0 }, "maxBytes"],
  ["an unknown format", { root: "/x", parse: "toml" }, "parse"],
  ["keys for a format that names its own", { root: "/x", parse: "json", keys: ["a"] }, "keys"],
  ["a key twice", { root: "/x", parse: "vault-agent", keys: ["a", "a"] }, "keys"],
  ["a pattern for another format", { root: "/x", pattern: "{a}" }, "pattern"],
  ["a pattern beside keys", { root: "/x", parse: "vault-agent", keys: ["a"], pattern: "{a}" }, "pattern"],
  ["a pattern without a field", { root: "/x", parse: "vault-agent", pattern: "a" }, "pattern"],
  ["a pattern with a field twice", { root: "/x", parse: "vault-agent", pattern: "{a}:{a}" }, "pattern"],
  ["a pattern with fields side by side", { root: "/x", parse: "vault-agent", pattern: "{a}{b}" }, "pattern"],
])("%s is refused", async (_what, options, path) => {
  const issues = await Promise.resolve((await file.options())["~standard"].validate(options));
  expect(JSON.stringify(issues.issues)).toContain(path);
});
