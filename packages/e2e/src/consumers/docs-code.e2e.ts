import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Consumer } from "../../../../scripts/consumer.ts";
import { repository } from "../../../../scripts/workspace.ts";
import { compileProject, installPacked, writeProject } from "./consumer-project.ts";

/** What the blocks use and the prose around them introduces. */
const around = `import type { OpenSecrets } from "@tacit/core";
import type { Adapter, SecretPayload } from "@tacit/core/provider";
import type { Express } from "express";
import type { Logger } from "pino";
type Message = { attributes: Record<string, string>; ack(): void };
declare global {
  const secrets: OpenSecrets<{ db: { ref: "db" } }>;
  const logger: Logger;
  const app: Express;
  const respondWith: (status: number) => void;
  const subscription: { on(event: "message", listener: (message: Message) => void): void };
  const createSecrets: typeof import("@tacit/core").createSecrets;
  const adapters: typeof import("@tacit/providers").adapters;
  const mapAdapter: (secrets: ReadonlyMap<string, SecretPayload>) => Adapter<object>;
  const plugInSecrets: ReadonlyMap<string, SecretPayload>;
}
`;

let consumer: Consumer;
beforeAll(() => {
  consumer = installPacked(["@opentelemetry/api@1", "@types/express@5", "express@5", "pino@10", "prom-client@15"]);
}, 300_000);
afterAll(() => consumer[Symbol.dispose]());

interface Block {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

/** The blocks of code that the examples do not compare with a file that runs. */
function looseBlocks(): readonly Block[] {
  const below = readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" }).map(
    (name) => `docs/${name}`,
  );
  const manuals = readdirSync(join(repository, "packages")).map((name) => `packages/${name}/README.md`);
  const pages = [...below, ...manuals, "README.md"].filter(
    (name) => name.endsWith(".md") && !name.startsWith("docs/api/"),
  );
  return pages.flatMap((page) => {
    const text = read(page);
    const found = text.matchAll(/(?<shown><!-- (?:file|lines of): [^\n]*\n)?```(?:ts|js)\n(?<code>.*?)```/gs);
    return [...found]
      .filter(({ groups }) => groups?.shown === undefined)
      .map(({ index, groups }) => ({ page, line: text.slice(0, index).split("\n").length, code: groups?.code ?? "" }));
  });
}

/** Packages without a manual have no blocks. */
function read(page: string): string {
  try {
    return readFileSync(join(repository, page), "utf8");
  } catch {
    return "";
  }
}

/** A module of its own; what is not an import is the body of a function, where `await` and `return` may stand. */
function toModule({ page, line, code }: Block): string {
  const imports = code.match(/^import .*\n/gm) ?? [];
  const body = code.replace(/^import .*\n/gm, "").replaceAll(/\brequire\((".*?")\)/g, "(await import($1))");
  return `${imports.join("")}// ${page}:${line}\nexport async function block(): Promise<unknown> {\n${body}\nreturn [${namesIn(code).join(", ")}];\n}\n`;
}

/** What a block imports or declares. */
function namesIn(code: string): readonly string[] {
  const lists = [...code.matchAll(/^(?:import|const) \{ (.*?) \}/gm)].flatMap(([, list = ""]) => list.split(", "));
  const single = [...code.matchAll(/^(?:import|const) (\w+)\b/gm)].map(([, name = ""]) => name);
  return [...lists, ...single];
}

test("every block of the docs that is no part of a running example compiles", () => {
  const blocks = looseBlocks();
  expect(blocks.length).toBeGreaterThan(10);
  const folder = writeProject(consumer, "docs", "service", { type: "module", resolution: "nodenext" });
  mkdirSync(join(folder, "src/docs"));
  writeFileSync(join(folder, "src/docs/around.d.ts"), around);
  for (const [index, block] of blocks.entries())
    writeFileSync(join(folder, `src/docs/block-${index}.ts`), toModule(block));
  compileProject(consumer, folder, "7");
}, 130_000);
