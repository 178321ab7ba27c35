/** A program with a mistake that somebody makes in the first hour. */
export interface Mistake {
  readonly title: string;
  /** `app.mjs`; it may use `createSecrets`, `declareSecrets`, `adapters` and `folder`. */
  readonly program: string;
  /** name -> content, beside the program */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

const create = "const secrets = createSecrets({ adapters, declare: { db: { ref: 'db/primary' } } });";
const start = `${create}\nawait secrets.ready();`;
const mount =
  '{ "providers": { "mount": { "use": "file", "root": "secrets" } }, "routes": [{ "match": "**", "to": ["mount"] }] }';

const served = { DB_PRIMARY: "s3cret-fixture" };
const wrongImports = {
  "from-providers.mjs": 'import { createSecrets } from "@tacit/providers";',
  "from-core.mjs": 'import { mockSecrets } from "@tacit/core";',
  "no-door.mjs": 'import { mockSecrets } from "@tacit/core/test";',
  "no-package.mjs": 'import { createSecrets } from "tacit";',
};

/** What each prints is in printed.txt. */
export const mistakes: readonly Mistake[] = [
  {
    title: "imports are wrong",
    program: `for (const name of ${JSON.stringify(Object.keys(wrongImports))})\n  await import("./" + name).catch((error) => console.log(name + ":", error.message));`,
    files: wrongImports,
  },
  {
    title: "close is forgotten",
    program: `${start}\nsecrets.watch("db").on("change", () => undefined);\nconsole.log("ready, and the process ends");`,
    env: served,
  },
  { title: "TACIT_CONFIG is forgotten", program: start },
  { title: "the config file does not exist", program: start, env: { TACIT_CONFIG: "tacitt.json" } },
  {
    title: "the config file has a trailing comma",
    program: start,
    files: { "tacit.json": '{\n  "providers": { "mount": { "use": "file", "root": "/etc/secrets" }, }\n}\n' },
    env: { TACIT_CONFIG: "tacit.json" },
  },
  {
    title: "a pattern in YAML is not quoted",
    program: start,
    files: {
      "tacit.yaml": "providers:\n  mount: { use: file, root: /etc/secrets }\nroutes:\n  - match: **\n    to: [mount]\n",
    },
    env: { TACIT_CONFIG: "tacit.yaml" },
  },
  {
    title: "keys are misspelt, options of a provider too",
    program: start,
    files: {
      "tacit.yaml":
        'providers:\n  mount: { use: file, rot: /etc/secrets, pollInterval: 5 }\n  vault: { use: valt }\nroute:\n  - { match: "**", to: [mount] }\nroutes:\n  - { match: "**", to: [mout] }\n',
    },
    env: { TACIT_CONFIG: "tacit.yaml" },
  },
  {
    title: "a file is missing",
    program: start,
    files: { "tacit.json": mount, "secrets/other": "s3cret-fixture" },
    env: { TACIT_CONFIG: "tacit.json" },
  },
  {
    title: "the root is missing, and three aliases are behind it",
    program:
      "const declare = { db: { ref: 'db/primary' }, key: { ref: 'api/key' }, mq: { ref: 'mq', optional: true } };\nconst secrets = createSecrets({ adapters, declare });\nawait secrets.ready();",
    files: { "tacit.json": mount },
    env: { TACIT_CONFIG: "tacit.json" },
  },
  { title: "adapters are forgotten", program: start.replace("adapters, ", "") },
  { title: "adapters are a list", program: start.replace("adapters", "adapters: [adapters]") },
  { title: "declare is misspelt", program: create.replace("declare:", "declares:") },
  {
    title: "declarations have wrong options",
    program:
      "createSecrets({ adapters, declare: {\n  db: { reference: 'db/primary', schema: {} },\n  key: { ref: '/api/key' },\n  mq: { ref: 'mq', overlap: '15 min', as: ['a'] },\n} });",
  },
  { title: "a secret is read before ready", program: `${create}\nsecrets.latest("db");` },
  {
    title: "a reference is read as an alias",
    program: `${start}\nsecrets.latest("db/primary");`,
    env: served,
  },
  {
    title: "an alias is misspelt",
    program: `${start}\nawait secrets.getSecret("bd");`,
    env: served,
  },
  { title: "a duration has a blank", program: `${create}\nsecrets.derive("db", { open: (db) => db, grace: "30 s" });` },
  {
    title: "a client is used after its end",
    program: `${start}\nawait secrets.close();\nawait secrets.getSecret("db");`,
    env: served,
  },
  {
    title: "a pool cannot be opened",
    program: `${create}\nsecrets.derive("db", {\n  open() {\n    throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });\n  },\n});\nawait secrets.ready({ timeout: "1s" });`,
    env: served,
  },
  {
    title: "a value does not match its schema",
    program:
      "import { z } from 'zod';\nconst as = z.object({ port: z.coerce.number(), user: z.string() });\nconst secrets = createSecrets({ adapters, declare: { db: { ref: 'db', as } } });\nawait secrets.ready();",
    env: { DB: '{"port":"s3cret-fixture"}' },
  },
  { title: "nobody awaits ready", program: `${create}\nsecrets.ready();` },
];
