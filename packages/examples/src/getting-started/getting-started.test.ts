import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const page = readFileSync(new URL("../../../../docs/getting-started.md", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "tacit-start-"));
let service: ChildProcess | undefined;

/** The commands of one step of the page. */
function commands(step: string): string {
  const [, found] = new RegExp(`<!-- step: ${step} -->\n\`{3}sh\n(.*?)\`{3}`, "s").exec(page) ?? [];
  if (found === undefined) throw new Error(`docs/getting-started.md has no step "${step}"`);
  return found;
}

function follow(step: string): string {
  return execFileSync("sh", ["-ec", commands(step)], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

afterEach(async () => {
  const ended = service?.exitCode === null ? new Promise((resolve) => service?.once("exit", resolve)) : undefined;
  service?.kill("SIGKILL");
  await ended;
  rmSync(folder, { recursive: true });
});

test("the page takes a newcomer to a secret that changes while the service runs", async () => {
  copyFileSync(new URL("tacit.json", import.meta.url), join(folder, "tacit.json"));
  follow("write");
  const [variable = "", command = "", file = ""] = commands("run").trim().split(" ");
  expect([variable, command, file]).toEqual(["TACIT_CONFIG=tacit.json", "node", "orders.ts"]);
  const program = new URL(file, import.meta.url).pathname;
  let output = "";
  service = spawn(process.execPath, ["--conditions=@tacit/source", program], {
    cwd: folder,
    env: { ...process.env, PORT: "0", TACIT_CONFIG: "tacit.json" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  service.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await expect.poll(() => output).toContain("started with [REDACTED:db/primary]\n");
  follow("rotate");
  await expect.poll(() => output).toContain("[REDACTED:db/primary] has changed\n");
  expect(output).not.toContain("s3cret-fixture");
});
