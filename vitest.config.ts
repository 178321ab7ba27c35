import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// Where .ci/run wants the counts; nobody else sets it.
const report = process.env.TACIT_TEST_REPORT;

/** Ends what hangs. With all seeds a property takes minutes on a slow machine. */
const timeout = process.env.TACIT_ALL_SEEDS === undefined ? 20_000 : 180_000;

/** Tests of what a process has once, its redactor and its output, and of what others leave behind in it. */
const ownProcess = [
  "packages/core/src/redact/{deep-hidden,leaves,redactor}.test.ts",
  "packages/core/src/redact/bindings/process-guards.test.ts",
  "packages/core/src/testing/{mock-secrets,same-client}.test.ts",
  "packages/examples/src/redaction-*/*.test.ts",
];

// Programs that tests start read the sources of the packages; without this each would strip their types anew.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/compile");

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["@tacit/source"] },
  ssr: { resolve: { conditions: ["@tacit/source"] } },
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    setupFiles: ["scripts/fuzz-seed.ts", "scripts/checked-messages.ts"],
    testTimeout: timeout,
    hookTimeout: timeout,
    // Real files, sockets and programs answer soon, but on a busy machine not always within the default of one second.
    expect: { poll: { timeout: 15_000, interval: 10 } },
    // The default leaves one core idle, which is half of a machine with two. One worker more than there are cores goes on while
    // another waits for files, sockets or a program.
    maxWorkers: availableParallelism() + 1,
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
