// Calls a bundled function twice, as AWS Lambda does, with a document in YAML that leads to the given store.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [bundle, store, example] = process.argv.slice(2);
const pair = { username: "app", password: "s3cret-fixture" };
const answers = {
  "/v1/auth/token/lookup-self": { ttl: 0, renewable: false, policies: [] },
  "/v1/sys/internal/ui/mounts/secret": { type: "kv", path: "secret/", options: { version: "2" } },
  "/v1/secret/data/db/primary": { data: pair, metadata: { version: 1, created_time: "2026-01-01T00:00:00Z" } },
};
const vault = createServer((request, response) => {
  const data = answers[request.url.replace(/(?<=mounts\/secret)\/.*|\?.*/, "")];
  response.writeHead(data === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(data === undefined ? { errors: [] } : { data }));
});
await new Promise((resolve) => vault.listen(0, "127.0.0.1", resolve));

mkdirSync("mount/db/primary", { recursive: true });
for (const [key, value] of Object.entries(pair)) writeFileSync(`mount/db/primary/${key}`, value);
const documents = {
  file: 'providers:\n  mount: { use: file, root: ./mount }\nroutes:\n  - { match: "**", to: [mount] }\n',
  vault: readFileSync(example, "utf8")
    .replace("https://vault.example:8200", `http://127.0.0.1:${vault.address().port}`)
    .replace(/auth: .*/, "auth: { method: token, token: { $env: FIXTURE_TOKEN } }"),
};
writeFileSync("tacit.yaml", documents[store]);
process.env.TACIT_CONFIG = "tacit.yaml";
process.env.FIXTURE_TOKEN = "s3cret-fixture-token";

const { handler } = bundle.endsWith(".cjs")
  ? createRequire(import.meta.url)(bundle)
  : await import(pathToFileURL(bundle).href);
process.stdout.write(JSON.stringify([await handler(), await handler()]));
vault.close();
vault.closeAllConnections();
