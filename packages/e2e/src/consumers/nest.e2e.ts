import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Consumer, runSilently } from "../../../../scripts/consumer.ts";
import { nodeRuntimes } from "../../../../scripts/node-runtimes.ts";
import { compileProject, compilers, installPacked, writeProject } from "./consumer-project.ts";
import { startNest } from "./nest-application.ts";

const runtimes = nodeRuntimes();
const parts = ["common", "core", "platform-express", "terminus", "testing"];

describe.each([
  { major: "11", format: "CommonJS", type: "commonjs" },
  { major: "12", format: "ES modules", type: "module" },
] as const)("an application on NestJS $major in $format", ({ major, type }) => {
  let consumer: Consumer;
  let root: string;
  let built: string;
  const projectFor = (version: string): string =>
    writeProject(consumer, `nest-${version}`, "nest", { type, resolution: "nodenext" });

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "nest-secrets-"));
    const nest = parts.map((part) => `@nestjs/${part}@${major}`);
    consumer = installPacked([...nest, "reflect-metadata", "rxjs", "@types/express@5"]);
    const folder = projectFor("running");
    compileProject(consumer, folder, "7");
    built = join(folder, "built");
  }, 300_000);
  afterAll(() => {
    consumer[Symbol.dispose]();
    rmSync(root, { recursive: true, force: true });
  });

  test.each(compilers)(
    "compiles with TypeScript %s, declarations checked",
    (version) => {
      compileProject(consumer, projectFor(version), version);
    },
    130_000,
  );

  test.each(runtimes)("injects, listens, tells its health and ends, on Node $version", async ({ binary }) => {
    await using application = await startNest(binary, join(built, "main.js"), root);
    const read = async (path: string): Promise<unknown> => (await fetch(`${application.url}/${path}`)).json();
    expect(await read("")).toEqual({ user: "app", pool: "pool of app", changes: 0 });
    expect(await read("readyz")).toMatchObject({ info: { secrets: { status: "up", state: "ok" } } });
    application.rotate("app-2");
    await vi.waitFor(async () => expect(await read("")).toMatchObject({ user: "app-2", changes: 1 }), 20_000);
    expect(await application.end()).toBe("SIGTERM");
    expect(application.output.error).toBe("");
    expect(application.output.out).toContain("Nest application successfully started");
    expect(application.output.out).toMatch(/[^_]TacitModule dependencies initialized/);
  });

  test.each(runtimes)("is tested with the mock, on Node $version", ({ binary }) => {
    const said = runSilently(binary, [join(built, "unit.js")], root);
    expect(JSON.parse(said)).toEqual({ user: "app-2", pool: "none", changes: 1 });
  });
});
