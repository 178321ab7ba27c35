import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { conformanceHost, parseOptions } from "../packages/core/src/conformance/conformance-host.ts";
import type { Adapter, Supports } from "../packages/core/src/contract/contract.ts";
import { isSecretError } from "../packages/core/src/error/secret-error.ts";
import { adapters } from "../packages/providers/src/index.ts";
import { configSchemaText } from "./config-schema.ts";
import { optionPage } from "./option-tables.ts";
import { repository } from "./workspace.ts";

/** The page that lists every adapter, from the root of the repository. */
export const providerIndexPage = "docs/providers/README.md";

/** How an adapter is tested, as its page says: a description, and the test files. */
export interface Proof {
  readonly against: string;
  /** From the root of the repository. */
  readonly files: readonly string[];
}

/**
 * Returns the proof of a page: `<!-- tested: the real server; packages/e2e/src/a.e2e.ts -->`. An adapter whose page has no such line is
 * tested against its double only.
 */
export function proofOf(page: string): Proof {
  const [, against = "a double only", files = ""] = /^<!-- tested: ([^;]+?)(?:; (.+?))? -->$/m.exec(page) ?? [];
  return { against, files: files === "" ? [] : files.split(", ") };
}

/** Returns the page with the table of the adapters. @throws when the page does not have exactly one place for it */
export function withAbilities(page: string, table: string): string {
  const parts = page.split(/<!-- providers -->[\s\S]*?<!-- \/providers -->/);
  if (parts.length !== 2) throw new Error(`${providerIndexPage} needs one "<!-- providers -->" and its end`);
  return `${parts[0]}<!-- providers -->\n\n${table}\n<!-- /providers -->${parts[1]}`;
}

/** Returns the table: one row for each adapter, from the `supports` of providers that are configured as on its pages. */
export async function abilitiesTable(): Promise<string> {
  const head = [
    "`use`",
    "answers",
    "versions",
    "batch",
    "leases",
    "detects changes by",
    "poll",
    "logins or keys",
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
  const all = await Promise.all(examplesOf(name).map((options) => supportsOf(adapter, options)));
  const supports = inSum(all.filter((each) => each !== undefined));
  const { against, files } = proofOf(page);
  const links = files.map((file, index) => `[${index + 1}](../../${file})`).join(" ");
  const [, said] = /^<!-- logins: (.+) -->$/m.exec(page) ?? [];
  return [
    `[${name}](${name}.md)`,
    supports.payload === "both" ? "a value or fields" : supports.payload === "value" ? "a value" : "fields",
    supports.versions ? "current, previous, by id" : "current",
    supports.batch === undefined ? "" : `${supports.batch}`,
    supports.leases === true ? "yes" : "",
    signalOf(supports),
    pollOf(supports),
    said ?? logins.map((method) => `\`${method}\``).join(", "),
    `${against}${links === "" ? "" : `: ${links}`}`,
  ];
}

/** Returns the `supports` of one provider, without a request to its store; undefined if it needs an environment that is missing here. */
async function supportsOf(adapter: Adapter, options: Readonly<Record<string, unknown>>): Promise<Supports | undefined> {
  const parsed = await parseOptions(adapter, options);
  try {
    const provider = await adapter.open(parsed, conformanceHost());
    const { supports } = provider;
    await provider.close?.();
    return supports;
  } catch (error) {
    if (isSecretError(error, "INVALID_CONFIG")) return undefined;
    throw error;
  }
}

/** Returns the abilities of an adapter in any of its configurations. */
function inSum(all: readonly Supports[]): Supports {
  const [first] = all;
  if (first === undefined) throw new Error("there is no configuration");
  const payloads = new Set(all.map(({ payload }) => payload));
  return {
    ...first,
    payload: payloads.size > 1 ? "both" : first.payload,
    versions: all.some(({ versions }) => versions),
    leases: all.some(({ leases }) => leases === true),
    subscribe: all.map(({ subscribe }) => subscribe).find((each) => each !== false) ?? false,
  };
}

/** Returns the options in each document of an adapter's pages, such as `vault.md` and `vault-engines.md`. */
function examplesOf(name: string): readonly Readonly<Record<string, unknown>>[] {
  const pages = readdirSync(join(repository, "docs/providers")).filter(
    (page) => page === `${name}.md` || (page.startsWith(`${name}-`) && !isAdapter(page)),
  );
  const found = pages.flatMap((page) => documentsOf(page)).flatMap(({ providers = {} }) => Object.values(providers));
  const options = found.flatMap(({ use, optional: _optional, pollInterval: _pollInterval, ...rest }) =>
    use === name ? [rest] : [],
  );
  if (options.length === 0) throw new Error(`${optionPage(name)} has no document in JSON that uses ${name}`);
  return options;
}

function isAdapter(page: string): boolean {
  return Object.keys(adapters).includes(page.replace(/\.md$/, ""));
}

function documentsOf(page: string): readonly { readonly providers?: Record<string, Record<string, unknown>> }[] {
  const text = readFileSync(join(repository, "docs/providers", page), "utf8");
  return [...text.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, document = ""]) => JSON.parse(document));
}

function signalOf({ frozen, subscribe }: Supports): string {
  if (frozen === true) return "a restart only";
  if (subscribe === false) return "polling";
  return subscribe === "local" ? "file system events" : "an open connection";
}

function pollOf({ frozen, conditional, defaultPollMs }: Supports): string {
  if (frozen === true) return "";
  return `${defaultPollMs % 60_000 === 0 ? `${defaultPollMs / 60_000} min` : `${defaultPollMs / 1000} s`}${conditional ? "" : ", unconditional"}`;
}

/** adapter -> how it may log in, in the order of the schema: the methods of `auth`, the kinds of `keys`, or options that hold a credential */
async function allLogins(): Promise<ReadonlyMap<string, readonly string[]>> {
  const document = JSON.parse(await configSchemaText()) as DocumentSchema;
  return new Map(
    document.properties.providers.additionalProperties.allOf.map((rule) => {
      const { auth = {}, keys = {}, ...others } = rule.then.properties ?? {};
      const methods = [...valuesOf(auth, "method"), ...valuesOf(keys, "use")];
      const credentials = Object.keys(others).filter((name) => others[name]?.$ref === "#/$defs/credential");
      return [rule.if.properties.use.const, [...new Set(methods.length > 0 ? methods : credentials)]] as const;
    }),
  );
}

/** The texts that one member may be, in any of the forms of an option. */
function valuesOf({ properties = {}, items, oneOf = [], anyOf = [] }: Schema, member: string): readonly string[] {
  const own = properties[member];
  const inner = [...oneOf, ...anyOf, ...(items === undefined ? [] : [items])];
  return [...(own === undefined ? [] : textsOf(own)), ...inner.flatMap((each) => valuesOf(each, member))];
}

/** A value stands beside the source that may stand for it. */
function textsOf({ const: text, enum: texts = [], anyOf = [] }: Schema): readonly string[] {
  return [...(text === undefined ? [] : [text]), ...texts, ...anyOf.flatMap(textsOf)];
}

/** As much of a JSON Schema as is looked into. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly $ref?: string;
}

interface DocumentSchema {
  readonly properties: {
    readonly providers: {
      readonly additionalProperties: {
        readonly allOf: readonly {
          readonly if: { readonly properties: { readonly use: { readonly const: string } } };
          readonly then: { readonly properties?: Readonly<Record<string, Schema>> };
        }[];
      };
    };
  };
}

if (import.meta.main) {
  const file = join(repository, providerIndexPage);
  writeFileSync(file, withAbilities(readFileSync(file, "utf8"), await abilitiesTable()));
}
