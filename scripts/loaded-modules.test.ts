import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { heavyOnes, modulesLoadedBy } from "./loaded-modules.ts";
import { publishedPackages } from "./workspace.ts";

/** What an application has loaded anyway before it imports an entry point of that package. */
const frameworks: Readonly<Record<string, readonly string[]>> = { "@tacit/nestjs": ["@nestjs/core"] };

// All of a package in one process: what none of them loads, each by itself does not load.
test.each(publishedPackages())(
  "no entry point of $name loads crypto, http or a schema library",
  ({ name, folder, entryPoints }) => {
    const own = entryPoints.filter(({ specifier }) => specifier !== "@tacit/core/conformance");
    const files = own.map(({ source }) => pathToFileURL(join(folder, source)).href);
    const loaded = modulesLoadedBy(files, folder, ["@tacit/source"]);
    expect(loaded.files).toEqual(expect.arrayContaining(files));
    const before = heavyOnes(modulesLoadedBy(frameworks[name] ?? [], folder));
    expect(heavyOnes(loaded).filter((heavy) => !before.includes(heavy))).toEqual([]);
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
  expect(heavyOnes(modulesLoadedBy([specifier], core?.folder ?? "")).join("\n")).toMatch(expected);
});
