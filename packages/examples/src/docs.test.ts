import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const below = await readdir(new URL("docs/", root), { recursive: true });
const pages = ["README.md", ...below.map((name) => `docs/${name}`)].filter((name) => name.endsWith(".md"));
const manuals = ["packages/express/README.md", "packages/nestjs/README.md"];
const blocks = (await Promise.all([...pages, ...manuals].map((page) => announced(page, "file")))).flat();
const excerpts = (await Promise.all([...pages, ...manuals].map((page) => announced(page, "lines of")))).flat();

/** The fenced blocks that a page announces as a file, or as lines of one. */
async function announced(
  page: string,
  as: "file" | "lines of",
): Promise<{ page: string; file: string; code: string }[]> {
  const text = await readFile(new URL(page, root), "utf8");
  const found = text.matchAll(new RegExp(`<!-- ${as}: (?<file>\\S+) -->\n\`{3}\\w*\n(?<code>.*?)\`{3}\n`, "gs"));
  return [...found].map(({ groups = {} }) => ({ page, file: groups.file ?? "", code: groups.code ?? "" }));
}

describe("docs", () => {
  test.each(blocks)("$page shows $file as it is", async ({ file, code }) => {
    expect(code).toBe(await readFile(new URL(file, root), "utf8"));
  });

  test.each(excerpts)("$page quotes $file line by line", async ({ file, code }) => {
    const lines = (await readFile(new URL(file, root), "utf8")).split("\n").map((line) => line.trim());
    expect(
      code
        .trim()
        .split("\n")
        .filter((line) => !lines.includes(line.trim())),
    ).toEqual([]);
  });

  test("README.md is read in one go, and links every page or the list that does", async () => {
    const readme = await readFile(new URL("README.md", root), "utf8");
    const decisions = await readFile(new URL("docs/decisions/README.md", root), "utf8");
    const isLinked = (page: string): boolean =>
      readme.includes(`](${page})`) || decisions.includes(`](${page.replace("docs/decisions/", "")})`);
    expect(pages.filter((page) => page !== "README.md" && !/^docs\/api\/.+\//.test(page) && !isLinked(page))).toEqual(
      [],
    );
    expect(readme.split("\n").length).toBeLessThanOrEqual(151);
  });

  test.each([
    ["README.md", ["readme/service.ts", "testing/app.test.ts"]],
    ["docs/getting-started.md", ["getting-started/tacit.json", "getting-started/orders.ts"]],
    ["docs/client.md", ["client/start.ts", "client/payments.ts"]],
    ["docs/hot-reload.md", ["reload/listeners.ts", "reload/pool.ts"]],
    [
      "docs/rotation.md",
      [
        "reload/pool.ts",
        "rotation/query.ts",
        "tls-reload/server.ts",
        "mtls-client/client.ts",
        "webhook/receiver.ts",
        "rotation/signing.ts",
        "jwt-keys/tokens.ts",
        "broker/publisher.ts",
      ],
    ],
    ["docs/remediation.md", ["remediation/end-leaked.ts"]],
    [
      "docs/migrating.md",
      [
        "migrating/tacit.json",
        "migrating/secrets.ts",
        "migrating/existing-source.ts",
        "multi-store/tacit.json",
        "nest-service/application.ts",
      ],
    ],
    [
      "docs/express.md",
      [
        "express-service/application.ts",
        "express-service/start.ts",
        "express-service/pool.ts",
        "fastify/application.ts",
      ],
    ],
    ["packages/express/README.md", ["express-service/application.ts", "express-service/start.ts"]],
    ["packages/nestjs/README.md", ["nest-service/application.ts"]],
    ["docs/examples.md", ["webhook/receiver.ts", "tls-reload/server.ts", "broker/publisher.ts"]],
    ["docs/serverless.md", ["lambda/handler.ts", "lambda/main.ts", "lambda/tacit.yaml"]],
    ["docs/testing.md", ["testing/app.ts", "testing/app.test.ts"]],
    ["docs/writing-a-provider.md", ["map-adapter/map-adapter.ts", "map-adapter/map-adapter.test.ts"]],
    [
      "docs/nestjs.md",
      [
        "nest-service/application.ts",
        "nest-service/start.ts",
        "nest-service/billing.ts",
        "nest-service/application.test.ts",
        "nest-service/orders.test.ts",
      ],
    ],
    [
      "docs/redaction.md",
      [
        "redaction-pino/logger.ts",
        "redaction-direct/values.ts",
        "redaction-pino/services.ts",
        "redaction-pino/logger.ts",
        "redaction-winston/logger.ts",
        "redaction-nest/application.ts",
        "redaction-process/service.ts",
        "redaction-express/application.ts",
        "redaction-opentelemetry/telemetry.ts",
        "redaction-direct/outputs.ts",
        "redaction-sentry/hooks.ts",
        "redaction-direct/outputs.ts",
        "redaction-direct/leaks.ts",
      ],
    ],
  ])("%s shows code that runs", (page, files) => {
    const shown = [...blocks, ...excerpts].filter((block) => block.page === page).map(({ file }) => file);
    expect(shown).toEqual(files.map((file) => `packages/examples/src/${file}`));
  });
});
