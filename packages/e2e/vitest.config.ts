import { defineConfig, type ViteUserConfig } from "vitest/config";

// Where .ci/run wants the counts; nobody else sets it.
const report = process.env.TACIT_TEST_REPORT;

// No source condition here: what runs is what consumers get, so `pnpm build` comes first.
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.e2e.ts"],
    globalSetup: ["src/programs/global-setup.ts"],
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // Most of the time is spent waiting for servers.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});

export default config;
