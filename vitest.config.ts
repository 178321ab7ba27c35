import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// Where .ci/run wants the counts; nobody else sets it.
const report = process.env.TACIT_TEST_REPORT;

/** What is one per process, the redactor and what mocks have issued, is what these tests look at: each file starts anew. */
const ownProcess = [
  "packages/core/src/{redact,testing}/**/*.test.ts",
  "packages/core/test/redact/**/*.test.ts",
  "packages/{examples,express,nestjs,reference}/**/*.test.ts",
];

// Programs that tests start read the sources of the packages; without this each would strip their types anew.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/compile");

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["@tacit/source"] },
  ssr: { resolve: { conditions: ["@tacit/source"] } },
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    setupFiles: ["scripts/fuzz-seed.ts"],
    testTimeout: 20_000,
    // The default leaves one core idle, which is half of a machine with two.
    maxWorkers: availableParallelism(),
    execArgv: ["--conditions=@tacit/source", "--expose-gc"],
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["packages/*/{src,test}/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...ownProcess],
          typecheck: {
            enabled: true,
            include: ["packages/*/src/**/*.test-d.ts"],
            tsconfig: "./tsconfig.typetest.json",
          },
          // A file costs half a second less where it starts no process of its own; what a test changes, it changes back.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: "own process", include: ownProcess, exclude: ["**/node_modules/**"] },
      },
    ],
  },
});

export default config;
