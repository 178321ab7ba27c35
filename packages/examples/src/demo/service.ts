import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { pino } from "pino";
import { proofOf } from "./credentials.ts";

// A service as a user writes it. No line of it says where `db/primary` is: the config document does.
const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });
const secrets = createSecrets({ adapters, declare: declared });
const logger = pino({ base: null }, { write: (line) => process.stdout.write(secrets.redactor.redact(line)) });

const server = createServer((request, response) => {
  const db = secrets.latest("db");
  logger.info({ url: request.url, db }, "answered");
  response.end(proofOf(db.reveal(), request.url ?? ""));
});

await secrets.ready();
secrets.watch("db").on("change", ({ current }) => {
  const heardAt = performance.timeOrigin + performance.now();
  const { username, password } = current.reveal();
  // Careless on purpose: the redactor stands between the logger and the output.
  const target = `postgres://${username}:${password}@localhost/orders`;
  logger.info({ version: current.meta.version, heardAt, target }, "rotated");
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  logger.info({ port, provider: secrets.latest("db").meta.provider }, "listening");
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void secrets.close();
});
