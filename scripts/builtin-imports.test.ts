import { expect, test } from "vitest";
import { withoutBuiltinImports } from "./builtin-imports.ts";

test.each([
  [
    'import { inspect } from "node:util";\nuse();',
    'const { inspect } = process.getBuiltinModule("node:util");\nuse();',
  ],
  ['import { a as b, type C } from "node:fs";', 'const { a: b } = process.getBuiltinModule("node:fs");'],
  ['import * as fs from "node:fs";', 'const fs = process.getBuiltinModule("node:fs");'],
  ['import fs from "node:fs";', 'const fs = process.getBuiltinModule("node:fs");'],
  [
    'import {\n  a,\n  b,\n} from "node:fs";\nuse();',
    'const { a, b } = process.getBuiltinModule("node:fs");\n\n\n\nuse();',
  ],
  ['import type { A } from "node:fs";', 'import type { A } from "node:fs";'],
  ['import type * as fs from "node:fs";', 'import type * as fs from "node:fs";'],
  ['import { a } from "./a.ts";', 'import { a } from "./a.ts";'],
])("rewrites an import of Node's own modules, in as many lines, and no other: %j", (text, expected) => {
  expect(withoutBuiltinImports(text)).toBe(expected);
});
