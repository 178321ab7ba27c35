/** The pages that a tip may name, where somebody without a copy of this repository reads them. */
const folder = "https://github.com/tacit-secrets/tacit/blob/main/docs";

/** Returns the address of a page of the documentation. */
export function docsPage(page: "configuration" | "writing-a-provider"): string {
  return `${folder}/${page}.md`;
}
