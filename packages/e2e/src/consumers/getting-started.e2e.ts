import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { consumerEnvironment } from "../../../../scripts/consumer.ts";
import { nodeRuntimes } from "../../../../scripts/node-runtimes.ts";
import { packPackages } from "../../../../scripts/pack.ts";
import { repository } from "../../../../scripts/workspace.ts";
import { claimPort } from "../cluster/claim-port.ts";

const page = readFileSync(join(repository, "docs/getting-started.md"), "utf8");
let shelf: string;
let tarballs: readonly string[];

beforeAll(() => {
  shelf = mkdtempSync(join(tmpdir(), "tarballs-"));
  tarballs = [...packPackages(shelf)]
    .filter(([{ name }]) => name === "@tacit/core" || name === "@tacit/providers")
    .map(([, tarball]) => tarball);
});
afterAll(() => rmSync(shelf, { recursive: true, force: true }));

/** A block of the page, by the comment before it or by a line of it. */
function block(of: string | RegExp): string {
  const all = [...page.matchAll(/(?:<!-- (?<name>[^\n]*?) -->\n)?```\w+\n(?<code>.*?)```/gs)].map(
    ({ groups }) => groups,
  );
  const found = all.find((each) =>
    typeof of === "string" ? each?.name?.endsWith(of) : each?.name === undefined && of.test(each?.code ?? ""),
  );
  if (found?.code === undefined) throw new Error(`docs/getting-started.md has no block ${of}`);
  return found.code;
}

/** The folder of a newcomer, and the shell in it. */
class Newcomer {
  readonly folder = mkdtempSync(join(tmpdir(), "newcomer-"));
  readonly #environment: NodeJS.ProcessEnv;
  output = "";
  service: ChildProcess | undefined;

  constructor(binary: string, port: number) {
    const { PATH = "", ...others } = consumerEnvironment();
    this.#environment = { ...others, PATH: `${dirname(binary)}:${PATH}`, PORT: String(port) };
  }

  run(commands: string): string {
    const options = { cwd: this.folder, env: this.#environment, encoding: "utf8" } as const;
    return execFileSync("sh", ["-ec", commands], { ...options, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
  }

  start(command: string): void {
    const options = { cwd: this.folder, env: this.#environment } as const;
    this.service = spawn("sh", ["-c", `exec env ${command}`], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.service.stdout, this.service.stderr])
      stream?.on("data", (chunk) => {
        this.output += String(chunk);
      });
  }

  prints(text: string): Promise<unknown> {
    return vi.waitUntil(() => this.output.includes(text), 20_000);
  }

  async end(): Promise<void> {
    this.service?.kill("SIGINT");
    await this.exits();
  }

  /** Waits for the end of the service, which may be over by now. */
  async exits(): Promise<void> {
    const { service } = this;
    if (service?.exitCode === null && service.signalCode === null) await once(service, "exit");
  }
}

describe.each(nodeRuntimes())("getting started, from an empty folder with Node $version", ({ binary, version }) => {
  test("does what the page says, word for word", async () => {
    const port = await claimPort();
    const newcomer = new Newcomer(binary, port);
    const { folder } = newcomer;
    try {
      // The page says what stands for the second line until the packages are published.
      const [begin = "", install = ""] = block(/npm init/)
        .trim()
        .split("\n");
      expect(install).toBe("npm install @tacit/core @tacit/providers");
      newcomer.run(`${begin}\nnpm install --no-audit --no-fund ${tarballs.join(" ")}`);
      newcomer.run(block("step: write"));
      writeFileSync(join(folder, "tacit.json"), block("tacit.json"));
      // The oldest versions run no TypeScript.
      const [major = 0, minor = 0] = version.split(".").map(Number);
      const program = major > 22 || minor >= 18 ? "orders.ts" : "orders.mjs";
      writeFileSync(join(folder, program), block("orders.ts"));
      const command = block("step: run").trim().replace("orders.ts", program);

      newcomer.start(command);
      await newcomer.prints("started with [REDACTED:db/primary]\n");
      const ask = block("step: ask").replace("8080", String(port));
      expect(newcomer.run(ask)).toBe("app logs in with 14 characters\n");
      newcomer.run(block("step: rotate"));
      await newcomer.prints("[REDACTED:db/primary] has changed\n");
      expect(newcomer.run(ask)).toBe("app logs in with 22 characters\n");
      expect(newcomer.output).not.toContain("s3cret-fixture");
      await newcomer.end();

      renameSync(join(folder, "secrets"), join(folder, "elsewhere"));
      newcomer.start(command);
      await newcomer.prints(`the root "${join(folder, "secrets")}" does not exist`);
      await newcomer.exits();
      renameSync(join(folder, "elsewhere"), join(folder, "secrets"));

      writeFileSync(join(folder, "tacit.json"), block("tacit.json").replace("routes", "route"));
      newcomer.start(command);
      await newcomer.prints(
        `route (line 3 of "${join(folder, "tacit.json")}" from TACIT_CONFIG): is not a known key; did you mean routes?`,
      );
    } finally {
      await newcomer.end();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 240_000);
});
