import { expect, test } from "vitest";
import { withContents } from "./add-contents.ts";

test("a page begins with its import and a list of its exports, each with the anchor of its title", () => {
  const page = `# index

## Classes

### SecretError

##### name

## Functions

### name()

### createSecrets()
`;
  expect(withContents(page, "@tacit/core")).toBe(`# \`@tacit/core\`

**Classes**: [SecretError](#secreterror)

**Functions**: [name()](#name-1), [createSecrets()](#createsecrets)
${page.slice("# index\n".length)}`);
});

test("a list of entry points keeps its own", () => {
  const page = "# @tacit/core\n\n## Modules\n\n- [index](index.md)\n";
  expect(withContents(page, "@tacit/core")).toBe("# `@tacit/core`\n\n## Modules\n\n- [index](index.md)\n");
});
