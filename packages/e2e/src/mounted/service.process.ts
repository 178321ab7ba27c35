import { inspect } from "node:util";
import { createSecrets, declareSecrets, isSecretError, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import type { Answer, Question } from "./conversation.ts";

/** A service as a user writes it; where `db` is read is decided by the environment that it is started with. */
const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });
const secrets = createSecrets({ adapters, declare: declared });

process.on("message", (question: Question) => {
  if (question === "read") tell({ kind: "read", pair: secrets.latest("db").reveal() });
  else void close();
});

try {
  await secrets.ready();
  secrets.watch("db").on("change", ({ current, reason }) => tell({ kind: "change", reason, pair: current.reveal() }));
  process.stdout.write(`started with ${secrets.latest("db")} ${inspect(secrets, { depth: 10, showHidden: true })}\n`);
  tell({ kind: "ready" });
} catch (error) {
  const codes = isSecretError(error) ? [error.code, ...(error.errors ?? []).map(({ code }) => code)] : [];
  process.stdout.write(`${inspect(error, { depth: 10, showHidden: true })}\n`);
  tell({ kind: "failed", codes });
  await close();
}

function tell(answer: Answer): void {
  process.send?.(answer);
}

/** Ends the conversation and nothing else: if the client has left anything running, the process stays alive. */
async function close(): Promise<void> {
  await secrets.close();
  process.disconnect();
}
