import { defineConfig, type ViteUserConfig } from "vitest/config";

// Where .ci/run wants the counts; nobody else sets it.
const report = process.env.TACIT_TEST_REPORT;

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["@tacit/source"] },
  ssr: { resolve: { conditions: ["@tacit/source"] } },
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "scripts/**/*.test.ts"],
    typecheck: { enabled: true, include: ["packages/*/src/**/*.test-d.ts"], tsconfig: "./tsconfig.typetest.json" },
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    setupFiles: ["scripts/fuzz-seed.ts"],
    // A file costs half a second less where it does not start a worker anew; what a test changes, it changes back.
    isolate: false,
    testTimeout: 20_000,
    execArgv: ["--conditions=@tacit/source", "--expose-gc"],
  },
});

export default config;
