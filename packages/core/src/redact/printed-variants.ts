/**
 * Ways in which programs print a text that nothing undoes but knowing it: quotes doubled (SQL, CSV, YAML, PowerShell), blanks
 * collapsed or not breaking, line ends as blanks, `%%` of printf, `$$` of Compose, `#012` of syslog, and letters in another normal
 * form.
 */
export function printedVariants(text: string): readonly string[] {
  // Most values are tokens, of which every registration would make the same text eight times.
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

/** At its edges a sign that stands twice may be one of the text around it. */
function doubledWithin(text: string, sign: string): string {
  return text.slice(0, 1) + text.slice(1, -1).replaceAll(sign, () => sign + sign) + text.slice(1).slice(-1);
}

function isAscii(text: string): boolean {
  return !/[^ -~\s]/.test(text);
}
