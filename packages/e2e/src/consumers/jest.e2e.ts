import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, consumerEnvironment } from "../../../../scripts/consumer.ts";
import { nodeRuntimes } from "../../../../scripts/node-runtimes.ts";
import { installPacked, writeProject } from "./consumer-project.ts";

const nest = ["common", "core", "platform-express", "testing"].map((part) => `@nestjs/${part}@11`);
const runners = ["jest@30", "ts-jest@29", "@swc/jest", "@swc/core", "@types/jest@30", "typescript@~5.9.3"];
const ending = "^.+\\.(t|j)s$";

/** What `nest new` writes about Jest and TypeScript; the second is what it wrote before NestJS 11. */
const projects = {
  "ts-jest, as NestJS 11 sets it up": {
    transform: { [ending]: "ts-jest" },
    compilerOptions: { module: "nodenext", moduleResolution: "nodenext", isolatedModules: true, target: "es2023" },
  },
  "ts-jest with modules of the kind commonjs": {
    transform: { [ending]: "ts-jest" },
    compilerOptions: { module: "commonjs", target: "es2021" },
  },
  "@swc/jest": {
    transform: {
      [ending]: [
        "@swc/jest",
        {
          jsc: {
            target: "es2022",
            parser: { syntax: "typescript", decorators: true },
            transform: { legacyDecorator: true, decoratorMetadata: true },
          },
          module: { type: "commonjs" },
        },
      ],
    },
    compilerOptions: {},
  },
};

let consumer: Consumer;
const folders = new Map<string, string>();

beforeAll(() => {
  consumer = installPacked([...nest, "reflect-metadata", "rxjs", ...runners]);
  for (const [title, { transform, compilerOptions }] of Object.entries(projects)) {
    const folder = writeProject(consumer, title, "jest", { type: "commonjs", resolution: "nodenext" });
    const decorators = { emitDecoratorMetadata: true, experimentalDecorators: true };
    const shared = { ...decorators, esModuleInterop: true, skipLibCheck: true, strictNullChecks: true };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...shared, ...compilerOptions } }),
    );
    const jest = { rootDir: "src", testRegex: ".*\\.spec\\.ts$", transform, testEnvironment: "node" };
    writeFileSync(join(folder, "jest.config.json"), JSON.stringify(jest));
    folders.set(title, folder);
  }
}, 300_000);
afterAll(() => consumer[Symbol.dispose]());

describe.each(Object.keys(projects))("a test of a NestJS service in Jest, by %s", (title) => {
  test.each(nodeRuntimes())(
    "runs without a flag on Node $version",
    ({ binary }) => {
      const jest = join(consumer.folder, "node_modules/jest/bin/jest.js");
      const run = spawnSync(binary, [jest, "--config", "jest.config.json", "--ci"], {
        cwd: folders.get(title),
        env: consumerEnvironment(),
        encoding: "utf8",
        timeout: 120_000,
      });
      // Jest reports on standard error.
      expect(run).toMatchObject({ status: 0, stderr: expect.stringContaining("Tests:       2 passed, 2 total") });
    },
    130_000,
  );
});
