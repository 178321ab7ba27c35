import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  firstSecretEnvironment,
  firstSecrets,
  proof,
  tacitScript,
} from "../packages/bench/src/first-secret/first-secrets.ts";
import type { StorePlace } from "../packages/bench/src/first-secret/loopback-store.ts";
import type { LoadedModules } from "./loaded-modules.ts";

/** What a start may load: counts and sizes, which no other work on a machine changes. */
export interface StartBudget {
  readonly title: string;
  readonly program: string;
  readonly limits: Weight;
}

/** Scripts that are loaded, their bytes, and the parts of Node that come with them. */
interface Weight {
  readonly files: number;
  readonly bytes: number;
  readonly builtins: number;
}

/** The start of each program that is measured; an adapter that is to keep a budget has a line in `limitsOf`. */
export function startBudgets(place: StorePlace): readonly StartBudget[] {
  const imports = `import "@tacit/core"; import "@tacit/providers/file"; import "@tacit/providers/env";`;
  return [
    { title: "import of core, file and env", program: imports, limits: limitsOf.import },
    ...firstSecrets.flatMap((each) => {
      const limits = limitsOf[each.adapter];
      const program = firstSecretEnvironment + tacitScript(each, place) + proof + ending;
      return limits === undefined ? [] : [{ title: `first secret of ${each.adapter}`, program, limits }];
    }),
  ];
}

/** What a program loads beyond its budget; nothing where it keeps it. */
export function overBudget({ limits }: StartBudget, { files, builtins }: LoadedModules): string | undefined {
  const bytes = files.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0);
  const weight: Weight = { files: files.length, bytes, builtins: builtins.length };
  const isOver = (Object.keys(limits) as (keyof Weight)[]).some((key) => weight[key] > limits[key]);
  return isOver ? `${textOf(weight)}: ${[...files, ...builtins].join(" ")}` : undefined;
}

/** A budget, for a title. */
export function budgetText({ limits }: StartBudget): string {
  return textOf(limits);
}

function textOf({ files, bytes, builtins }: Weight): string {
  return `${files} scripts of ${bytes} bytes and ${builtins} parts of Node`;
}

const ending = `
  process.exit();`;

/** A sixth above what was measured when it was set, as chunks part anew with each adapter; what raises one says why. */
const limitsOf: Readonly<Record<string, Weight>> & { readonly import: Weight } = {
  import: { files: 10, bytes: 610_000, builtins: 4 },
  env: { files: 12, bytes: 730_000, builtins: 46 },
  file: { files: 18, bytes: 800_000, builtins: 50 },
  kubernetes: { files: 20, bytes: 1_150_000, builtins: 94 },
  vault: { files: 24, bytes: 1_000_000, builtins: 83 },
  "aws-secrets-manager": { files: 22, bytes: 915_000, builtins: 82 },
  "aws-parameter-store": { files: 22, bytes: 915_000, builtins: 82 },
  "gcp-secret-manager": { files: 28, bytes: 945_000, builtins: 82 },
  "azure-key-vault": { files: 29, bytes: 945_000, builtins: 82 },
  "alibaba-kms": { files: 26, bytes: 945_000, builtins: 82 },
};
