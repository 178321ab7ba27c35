import { expect, test } from "vitest";
import { markdownHeadings, markdownLinks, markdownSection } from "./markdown.ts";

const page = `# Errors

See [the guide](guide.md#5-the-client) and [here](#not_found). \`[not](a-link.md)\`

\`\`\`ts
# not a heading
[nor](a-link.md)
\`\`\`

## \`NOT_FOUND\`

It is gone.

### Reasons

None.

## What, then?
End.
`;

test("lists the links of the prose and none of the code", () => {
  expect(markdownLinks(page).map(({ target }) => target)).toEqual(["guide.md#5-the-client", "#not_found"]);
});

test("lists headings with their anchors", () => {
  expect(markdownHeadings(page).map(({ level, title, anchor }) => [level, title, anchor])).toEqual([
    [1, "Errors", "errors"],
    [2, "NOT_FOUND", "not_found"],
    [3, "Reasons", "reasons"],
    [2, "What, then?", "what-then"],
  ]);
});

test("cuts a section at the next heading of its level", () => {
  expect(markdownSection(page, "NOT_FOUND")).toBe("## `NOT_FOUND`\n\nIt is gone.\n\n### Reasons\n\nNone.\n");
  expect(markdownSection(page, "What, then?")).toBe("## What, then?\nEnd.\n");
  expect(markdownSection(page, "GONE")).toBeUndefined();
});
