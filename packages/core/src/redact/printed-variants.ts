/**
 * Returns the forms in which programs print a text and which no decoding covers: doubled quotes (SQL, CSV, YAML, PowerShell),
 * collapsed or non-breaking spaces, line ends as spaces, `%%` of printf, `$$` of Compose, `#012` of syslog, and other Unicode
 * normal forms.
 */
export function printedVariants(text: string): readonly string[] {
  // Most values are tokens, for which every form is the same.
  if (!/[^ -~]|[ '"`%$]/.test(text)) return [];
  const variants = [
    text.replace(/\s+/g, " "),
    text.replaceAll(" ", "\u00a0"),
    ...["'", '"', "`", "%", "$"].map((sign) => doubledWithin(text, sign)),
    text.replace(/[\t\n\r]/g, (control) => `#${control.charCodeAt(0).toString(8).padStart(3, "0")}`),
    ...(isAscii(text) ? [] : [text.normalize("NFD"), text.normalize("NFC")]),
  ];
  return [...new Set(variants)].filter((variant) => variant !== text);
}

/** Doubles a sign within a text; at its edges, the second one may belong to the surrounding text. */
function doubledWithin(text: string, sign: string): string {
  return text.slice(0, 1) + text.slice(1, -1).replaceAll(sign, () => sign + sign) + text.slice(1).slice(-1);
}

function isAscii(text: string): boolean {
  return !/[^ -~\s]/.test(text);
}
