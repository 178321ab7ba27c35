import { claimPort } from "./claim-port.ts";

// Claims four ports from the place that it is told, says which, and lives until its parent lets go of it.
const start = Number(process.argv[2]);
const ports = [];
for (let count = 0; count < 4; count += 1) ports.push(await claimPort(start));
process.on("disconnect", () => process.exit());
process.send?.(ports);
