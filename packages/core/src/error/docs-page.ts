/** The public address of the documentation, for tips that point to a page. */
const folder = "https://github.com/tacit-secrets/tacit/blob/main/docs";

/** Returns the address of a page of the documentation. */
export function docsPage(page: "configuration" | "writing-a-provider"): string {
  return `${folder}/${page}.md`;
}
