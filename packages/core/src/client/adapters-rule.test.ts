import { expect, test } from "vitest";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { createSecrets } from "./secrets.ts";

const adapter = new ScriptedStore().adapter();
const load = async () => adapter;
const exported = { adapters: { file: load }, keys: load };

test.each<[string, unknown, string]>([
  ["all exports of a package", exported, "must be the export `adapters` of a package, not all of its exports"],
  [
    "the exports of a package that was required",
    { default: exported, ...exported },
    "must be the export `adapters` of a package, not all of its exports",
  ],
  ["an adapter alone", adapter, 'must contain adapters, or functions that load them, by name: "name" is neither'],
  [
    "the module of an adapter",
    { file: { file: adapter } },
    'must contain adapters, not modules: instead of "file", pass its export "file"',
  ],
  ["names", { file: "file" }, 'must contain adapters, or functions that load them, by name: "file" is neither'],
  [
    "nothing under a name",
    { file: null },
    'must contain adapters, or functions that load them, by name: "file" is neither',
  ],
  ["a list", [load], "must be an object keyed by name"],
  ["a promise of a package", Promise.resolve(exported), "is a promise, which must be awaited first"],
])("%s is refused as `adapters` when the client is created", (_what, adapters, message) => {
  const refused = { code: "INVALID_CONFIG", reason: "option", message: `\`adapters\` of createSecrets ${message}` };
  expect(() => createSecrets({ adapters: adapters as never })).toThrow(expect.objectContaining(refused));
});

test.each([
  ["adapters", { store: adapter }],
  ["functions that load one", { store: load }],
  ["nothing", {}],
])("%s are accepted", async (_what, adapters) => {
  await createSecrets({ adapters }).close();
});
