import { join } from "node:path";
import { convert } from "./convert.ts";
import { packages, referenceFolder } from "./packages.ts";

for (const name of packages) {
  const { complaints, write } = await convert(name);
  await write(join(referenceFolder, name));
  for (const complaint of complaints) process.stderr.write(`${name}: ${complaint}\n`);
}
