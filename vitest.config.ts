import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@tacit/source"] },
  ssr: { resolve: { conditions: ["@tacit/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
    typecheck: { enabled: true, include: ["packages/*/src/**/*.test-d.ts"], tsconfig: "./tsconfig.typetest.json" },
    testTimeout: 20_000,
    execArgv: ["--conditions=@tacit/source", "--expose-gc"],
  },
});
