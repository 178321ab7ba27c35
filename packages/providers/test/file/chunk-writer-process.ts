import * as fs from "node:fs";
import { setTimeout } from "node:timers/promises";

// Rewrites one file in place, as many times as asked: truncates it, then writes it in two to five chunks. In the end it sends the
// rounds in which the machine let it stand still for longer than asked: what a reader saw then has settled.
const [file = "", rounds = "1", settleMs = "20"] = process.argv.slice(2);
const stalled: number[] = [];

for (let round = 1; round <= Number(rounds); round++) {
  const content = `${round}:${"x".repeat(4000)}:${round}`;
  const chunk = Math.ceil(content.length / (2 + (round % 4)));
  const descriptor = fs.openSync(file, "w");
  let last = performance.now();
  let longest = 0;
  for (let at = 0; at < content.length; at += chunk) {
    fs.writeSync(descriptor, content.slice(at, at + chunk));
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (round % 20 === 0) await setTimeout(2);
  }
  fs.closeSync(descriptor);
  // A reader may begin a moment before the gap does.
  if (longest > Number(settleMs) - 5) stalled.push(round);
  if (round % 100 === 0) await setTimeout(30);
}
process.send?.(stalled);
process.disconnect();
