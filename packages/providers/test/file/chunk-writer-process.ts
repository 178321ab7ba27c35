import * as fs from "node:fs";
import { setTimeout } from "node:timers/promises";

// Rewrites one file in place, as many times as asked: truncates it, then writes it in two to five chunks.
const [file = "", rounds = "1"] = process.argv.slice(2);

for (let round = 1; round <= Number(rounds); round++) {
  const content = `${round}:${"x".repeat(4000)}:${round}`;
  const chunk = Math.ceil(content.length / (2 + (round % 4)));
  const descriptor = fs.openSync(file, "w");
  for (let at = 0; at < content.length; at += chunk) {
    fs.writeSync(descriptor, content.slice(at, at + chunk));
    if (round % 20 === 0) await setTimeout(2);
  }
  fs.closeSync(descriptor);
  if (round % 100 === 0) await setTimeout(30);
}
