import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { heavyOnes, modulesLoadedBy } from "./loaded-modules.ts";
import { publishedPackages } from "./workspace.ts";

/** What an application has loaded anyway before it imports an entry point of that package. */
const frameworks: Readonly<Record<string, string>> = { "@tacit/nestjs": "@nestjs/core" };
const entryPoints = publishedPackages()
  .flatMap((one) =>
    one.entryPoints.map(({ specifier, source }) => ({
      specifier,
      file: join(one.folder, source),
      folder: one.folder,
      framework: frameworks[one.name],
    })),
  )
  .filter(({ specifier }) => specifier !== "@tacit/core/conformance");

test.each(entryPoints)(
  "$specifier loads neither crypto nor http nor a schema library",
  ({ file, folder, framework }) => {
    const loaded = modulesLoadedBy(pathToFileURL(file).href, folder, ["@tacit/source"]);
    expect(loaded.files).toContain(pathToFileURL(file).href);
    const before = framework === undefined ? [] : heavyOnes(modulesLoadedBy(framework, folder));
    expect(heavyOnes(loaded).filter((name) => !before.includes(name))).toEqual([]);
  },
);

test.each([
  ["node:crypto", /crypto/],
  ["node:http", /http/],
  ["node:https", /http/],
  ["data:text/javascript,fetch('data:,')", /undici/],
  ["zod", /zod/],
  ["yaml", /yaml/],
])("would notice %s", (specifier, expected) => {
  const core = publishedPackages().find(({ name }) => name === "@tacit/core");
  expect(heavyOnes(modulesLoadedBy(specifier, core?.folder ?? "")).join("\n")).toMatch(expected);
});
