import { benches } from "../benches.ts";

const load = benches.get(process.argv[2] ?? "");
if (load === undefined) throw new Error("no such bench");
const { bench } = await load();
const report = await bench.run();
// A peer may hold a handle for ever; what it prints before that is complete.
process.stdout.write(`\n${JSON.stringify(report)}\n`, () => process.exit(0));
