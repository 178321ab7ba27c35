import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { toTable } from "./table.ts";

const home = mkdtempSync(join(tmpdir(), "tacit-doctor-"));
afterAll(() => rmSync(home, { recursive: true }));

/** A mounted directory of plain files. */
function mount(name: string, files: Readonly<Record<string, string>>, mode = 0o600): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(home, name, path, ".."), { recursive: true });
    writeFileSync(join(home, name, path), content, { mode });
  }
  return join(home, name);
}

/** Runs the script as an operator does; its exit code and what it printed. */
async function doctor(config: unknown): Promise<{ code: number; output: string }> {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  const script = join(import.meta.dirname, "doctor.ts");
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, TACIT_CONFIG: text } };
    const child = execFile(process.execPath, ["--conditions=@tacit/source", script], options, (_error, out, errors) => {
      expect(out + errors).not.toContain("s3cret-fixture");
      resolve({ code: child.exitCode ?? -1, output: out + errors });
    });
  });
}

const document = (root: string) => ({
  providers: { mount: { use: "file", root } },
  routes: [{ match: "**", to: ["mount"] }],
});

const pair = { "db/primary/username": "app", "db/primary/password": "s3cret-fixture" };

test("a service that has all its secrets exits with 0, and its warnings are told with what to do", async () => {
  const { code, output } = await doctor(document(mount("whole", { ...pair, "extra.key": "s3cret-fixture" }, 0o644)));
  expect(output).toMatch(/^LEVEL +WHERE +CODE +MESSAGE\n/);
  expect(output).toMatch(/^warning +mount +world-readable +every user .*"extra\.key"/m);
  expect(output).toMatch(/^ +> Remove read permission for others/m);
  expect(output).not.toMatch(/^error/m);
  expect(code).toBe(0);
});

test("a required secret that is missing is an error and exits with 1", async () => {
  const { code, output } = await doctor(document(mount("empty", { other: "x" })));
  expect(output).toMatch(
    /^error +db\/primary +down +"db\/primary" has no value to serve \(NOT_FOUND: "db\/primary" does not exist/m,
  );
  expect(code).toBe(1);
});

test("a root that is not mounted is named", async () => {
  const { code, output } = await doctor(document(join(home, "absent")));
  expect(output).toMatch(/^error +mount +root-not-found/m);
  expect(code).toBe(1);
});

test("a document that is wrong is told, and exits with 1", async () => {
  const { code, output } = await doctor({ providers: { mount: { use: "fil" } } });
  expect(output).toContain("providers.mount.use");
  expect(code).toBe(1);
});

test("no finding is said to be none", () => {
  expect(toTable([])).toBe("no findings\n");
});
