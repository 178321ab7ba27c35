import { join } from "node:path";
import { Application, Logger, LogLevel, type ProjectReflection, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { addContents } from "./add-contents.ts";
import { sourcesOfEntryPoints } from "./entry-points.ts";
import { mendAnchors } from "./mend-anchors.ts";

const repository = join(import.meta.dirname, "../../..");

/** package -> types that only help inference, or only name options which the page of a provider describes key by key */
const namelessTypes: Readonly<Record<string, readonly string[]>> = {
  core: ["DeclarationBy", "EventOf", "StandardResult", "WithoutDeclare", "WriteHook"],
  providers: ["AwsOptions", "AwsRole", "EngineOptions", "LoginOptions", "TlsOptions", "WrappedSecret"],
  nestjs: ["Fits", "ParameterAt"],
};

/** The public API of one package, read from its sources, and what is wrong with its docstrings. */
export interface Reference {
  readonly complaints: readonly string[];
  /** Writes one page per entry point, and an index. */
  write(folder: string): Promise<void>;
}

/** Reads what the entry points of a package export. @throws {Error} when it does not compile */
export async function convert(name: string): Promise<Reference> {
  const complaints: string[] = [];
  const app = await Application.bootstrapWithPlugins({ ...optionsOf(name), logLevel: LogLevel.None });
  app.logger = listening(complaints);
  const project = await app.convert();
  if (project === undefined) throw new Error(`the sources of ${name} cannot be read:\n${complaints.join("\n")}`);
  app.validate(project);
  return { complaints, write: (folder) => write(app, project, folder) };
}

function optionsOf(name: string): TypeDocOptions {
  const folder = join(repository, "packages", name);
  const options: TypeDocOptions & Partial<PluginOptions> = {
    plugin: ["typedoc-plugin-markdown"],
    name: `@tacit/${name}`,
    entryPoints: sourcesOfEntryPoints(folder).map((entryPoint) => join(folder, entryPoint)),
    tsconfig: join(import.meta.dirname, "../tsconfig.packages.json"),
    // The types are checked elsewhere, by the compiler that builds them.
    skipErrorChecking: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    disableGit: true,
    readme: "none",
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ["Variable", "Function", "Class", "Interface", "TypeAlias", "Method"],
    intentionallyNotExported: [...(namelessTypes[name] ?? [])],
    router: "module",
    entryFileName: "README",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
  };
  return options;
}

async function write(app: Application, project: ProjectReflection, folder: string): Promise<void> {
  app.options.setValue("out", folder);
  await app.generateOutputs(project);
  mendAnchors(folder);
  addContents(folder, project.name);
}

/** What it would print is told to the caller instead. */
function listening(complaints: string[]): Logger {
  return new (class extends Logger {
    override log(message: string, level: LogLevel): void {
      if (level >= LogLevel.Warn) complaints.push(message);
    }
  })();
}
