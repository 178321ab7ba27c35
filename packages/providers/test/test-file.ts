import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Reads a file that a real program wrote for the tests; `.enc` keeps formatters away from it. @param adapter its folder */
export function testFile(adapter: string, name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`${adapter}/files/${name}.enc`, import.meta.url)));
}
