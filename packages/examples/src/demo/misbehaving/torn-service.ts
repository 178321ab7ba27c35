import { readFileSync, watch } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { proofOf } from "../credentials.ts";

/** What many services do: each field from its own file, read when somebody gets round to it. */
const volume = `${process.env.SECRETS_ROOT}/db/primary`;
const read = (field: string): string => readFileSync(`${volume}/${field}`, "utf8");
let username = read("username");
let password = read("password");

watch(volume, async (_event, name) => {
  if (name !== "..data") return;
  username = read("username");
  await pause(50);
  password = read("password");
  tell({ msg: "rotated", version: "torn", heardAt: performance.timeOrigin + performance.now() });
});

const server = createServer((request, response) => response.end(proofOf({ username, password }, request.url ?? "")));
server.listen(0, "127.0.0.1", () => tell({ msg: "listening", port: (server.address() as AddressInfo).port }));
process.once("SIGTERM", () => process.exit(0));

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
