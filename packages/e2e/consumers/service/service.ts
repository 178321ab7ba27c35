import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createSecrets, declareSecrets, isSecretError, object, type SecretsOf } from "@tacit/core";
import { createRedactor } from "@tacit/core/redact";
import { mockSecrets } from "@tacit/core/testing";
import { gracefulClose, readiness } from "@tacit/express";
import { adapters } from "@tacit/providers";
import express from "express";

export const declared = declareSecrets({
  db: { ref: "db", as: object(["username", "password"]) },
  maybe: { ref: "maybe", optional: true },
});

/** What compiles says as much about the declarations as what must not. */
function login(secrets: SecretsOf<typeof declared>): string {
  const username: string = secrets.latest("db").reveal().username;
  const absent: undefined | string = secrets.latest("maybe")?.reveal();
  // @ts-expect-error it is not declared
  const mistyped = (): unknown => secrets.latest("dbb");
  // @ts-expect-error an optional one may be absent
  const careless = (): unknown => secrets.latest("maybe").reveal();
  return `${username} ${absent ?? "-"} ${typeof mistyped} ${typeof careless}`;
}

async function main(root: string): Promise<void> {
  const rotate = (username: string): void => {
    writeFileSync(join(root, "db.json"), JSON.stringify({ username, password: "s3cret-fixture" }));
  };
  rotate("app");
  const redactor = createRedactor();
  const config = {
    providers: { mount: { use: "file", root } },
    bindings: { db: { provider: "mount", path: "db.json" }, maybe: { provider: "mount", path: "maybe" } },
  };
  const secrets = createSecrets({ adapters, declare: declared, redactor, config });
  const application = express();
  application.get("/readyz", readiness(secrets));
  const server = createServer(application);
  const close = gracefulClose(server, secrets);
  // Also what keeps this process alive: a client by itself does not.
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await secrets.ready();
  const first = login(secrets);
  const changed = new Promise<string>((resolve) => {
    secrets.watch("db").on("change", ({ current }) => resolve(current.reveal().username));
  });
  rotate("app-2");
  const second = await changed;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
  const mock = mockSecrets({ db: { username: "mock", password: "s3cret-fixture" } }, { declare: declared });
  const masked = redactor.redact(secrets.latest("db").reveal().password);
  await close();
  const code = await secrets.getSecret("db").catch((error: unknown) => isSecretError(error, "CLOSED"));
  process.stdout.write(JSON.stringify({ first, second, status, mock: login(mock), masked, code }));
}

void main(process.argv[2] ?? "");
