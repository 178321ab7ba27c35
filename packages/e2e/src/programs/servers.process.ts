import { getPrograms } from "./get-programs.ts";

// Gets what the tests start: a step of its own, since the first run on a machine builds for many minutes.
const { paths, missing } = await getPrograms();
for (const [name, path] of Object.entries(paths)) process.stdout.write(`${name.padEnd(26)}${path}\n`);
for (const reason of missing) process.stderr.write(`${reason}\n`);
process.stdout.write(`${Object.keys(paths).length} passed, ${missing.length} failed\n`);
process.exitCode = missing.length === 0 ? 0 : 1;
