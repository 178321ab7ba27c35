import { sealedError } from "../shared/keys/errors.ts";

/**
 * Renders a template of a SealedSecret as the controller does, where it is text with values put in: `{{ .key }}` and `{{ index . "a-key" }}`. What else Go
 * templates can do is refused.
 * @throws {SecretError} INVALID_VALUE `template`
 */
export function renderTemplate(template: string, values: ReadonlyMap<string, Uint8Array>, key: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [index, part] of template.split(/(\{\{[^{}]*\}\})/).entries()) {
    if (index % 2 === 0) {
      if (part.includes("{{")) throw unsupported(key);
      parts.push(Buffer.from(part));
      continue;
    }
    const [, field, quoted] = /^\{\{\s*(?:\.([A-Za-z_]\w*)|index\s+\.\s+"([^"\\]+)")\s*\}\}$/.exec(part) ?? [];
    const value = values.get(field ?? quoted ?? "");
    if (value === undefined) throw unsupported(key);
    parts.push(value);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function unsupported(key: string): ReturnType<typeof sealedError> {
  return sealedError(
    "template",
    `has a template that is not rendered here (key ${JSON.stringify(key.slice(0, 64))})`,
    'Only {{ .key }} and {{ index . "key" }} of a sealed key are: seal the rendered text, or read the Secret that the controller makes of it.',
  );
}
