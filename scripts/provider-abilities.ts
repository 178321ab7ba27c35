import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { conformanceHost, parseOptions } from "../packages/core/src/conformance/conformance-host.ts";
import type { Adapter, Supports } from "../packages/core/src/contract/contract.ts";
import { adapters } from "../packages/providers/src/index.ts";
import { configSchemaText } from "./config-schema.ts";
import { optionPage } from "./option-tables.ts";
import { repository } from "./workspace.ts";

/** The page that lists every adapter, from the root of the repository. */
export const providerIndexPage = "docs/providers/README.md";

/** What a page tells of how its adapter is tested: words, and the files that do it. */
export interface Proof {
  readonly against: string;
  /** From the root of the repository. */
  readonly files: readonly string[];
}

/**
 * Returns the proof of a page: `<!-- tested: the real server; packages/e2e/src/a.e2e.ts -->`. A page without such a line has its double
 * alone.
 */
export function proofOf(page: string): Proof {
  const [, against = "a double alone", files = ""] = /^<!-- tested: ([^;]+?)(?:; (.+?))? -->$/m.exec(page) ?? [];
  return { against, files: files === "" ? [] : files.split(", ") };
}

/** Returns the page with the table that the adapters say. @throws when the page has not one place for it */
export function withAbilities(page: string, table: string): string {
  const parts = page.split(/<!-- providers -->[\s\S]*?<!-- \/providers -->/);
  if (parts.length !== 2) throw new Error(`${providerIndexPage} needs one "<!-- providers -->" and its end`);
  return `${parts[0]}<!-- providers -->\n\n${table}\n<!-- /providers -->${parts[1]}`;
}

/** Returns the table: one row for each adapter, read from what a provider says that is configured as its page begins. */
export async function abilitiesTable(): Promise<string> {
  const head = [
    "`use`",
    "answers",
    "versions",
    "batch",
    "leases",
    "learns of a change by",
    "poll",
    "logins",
    "tested against",
  ];
  const logins = await allLogins();
  const rows = await Promise.all(
    Object.entries(adapters).map(([name, load]) => rowOf(name, load as () => Promise<Adapter>, logins.get(name) ?? [])),
  );
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

async function rowOf(
  name: string,
  load: () => Promise<Adapter>,
  logins: readonly string[],
): Promise<readonly string[]> {
  const page = readFileSync(join(repository, optionPage(name)), "utf8");
  const adapter = await load();
  const host = conformanceHost();
  const provider = await adapter.open(await parseOptions(adapter, exampleOf(page, name)), host);
  const { supports } = provider;
  await provider.close?.();
  const { against, files } = proofOf(page);
  const links = files.map((file, index) => `[${index + 1}](../../${file})`).join(" ");
  return [
    `[${name}](${name}.md)`,
    supports.payload === "both" ? "a value or fields" : supports.payload === "value" ? "a value" : "fields",
    supports.versions ? "current, previous, by id" : "current",
    supports.batch === undefined ? "" : `${supports.batch}`,
    supports.leases === true ? "yes" : "",
    signalOf(supports),
    pollOf(supports),
    logins.map((method) => `\`${method}\``).join(", "),
    `${against}${links === "" ? "" : `: ${links}`}`,
  ];
}

/** The options of the first document of a page that uses the adapter. */
function exampleOf(page: string, name: string): Readonly<Record<string, unknown>> {
  for (const [, text = ""] of page.matchAll(/^```json\n([\s\S]*?)^```/gm)) {
    const { providers = {} } = JSON.parse(text) as { readonly providers?: Record<string, Record<string, unknown>> };
    const found = Object.values(providers).find(({ use }) => use === name);
    if (found === undefined) continue;
    const { use: _use, optional: _optional, pollInterval: _pollInterval, ...options } = found;
    return options;
  }
  throw new Error(`${optionPage(name)} has no document in JSON that uses ${name}`);
}

function signalOf({ frozen, subscribe }: Supports): string {
  if (frozen === true) return "a restart";
  if (subscribe === false) return "its poll";
  return subscribe === "local" ? "the file system, at once" : "a held connection, at once";
}

function pollOf({ frozen, conditional, defaultPollMs }: Supports): string {
  if (frozen === true) return "";
  return `${defaultPollMs % 60_000 === 0 ? `${defaultPollMs / 60_000} min` : `${defaultPollMs / 1000} s`}${conditional ? "" : ", whole"}`;
}

/** adapter -> the methods that its `auth` may name, in the order of the schema; none where it has no such option */
async function allLogins(): Promise<ReadonlyMap<string, readonly string[]>> {
  const document = JSON.parse(await configSchemaText()) as DocumentSchema;
  return new Map(
    document.properties.providers.additionalProperties.allOf.map((rule) => {
      const auth = JSON.stringify(rule.then.properties?.auth ?? {});
      // Its value stands beside the source that may stand for it.
      const methods = auth.matchAll(/"method":\{[^[\]]*?\[\{"type":"string","(?:const|enum)":("[^"]+"|\[[^\]]+\])/g);
      const names = [...methods].flatMap(([, written = "[]"]) => JSON.parse(written) as string | string[]);
      return [rule.if.properties.use.const, [...new Set(names)]] as const;
    }),
  );
}

interface DocumentSchema {
  readonly properties: {
    readonly providers: {
      readonly additionalProperties: {
        readonly allOf: readonly {
          readonly if: { readonly properties: { readonly use: { readonly const: string } } };
          readonly then: { readonly properties?: { readonly auth?: unknown } };
        }[];
      };
    };
  };
}

if (import.meta.main) {
  const file = join(repository, providerIndexPage);
  writeFileSync(file, withAbilities(readFileSync(file, "utf8"), await abilitiesTable()));
}
