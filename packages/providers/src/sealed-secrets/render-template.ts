import { sealedError } from "../shared/keys/errors.ts";

/**
 * Renders the templates of a SealedSecret as the controller does, where they are text with values put in: `{{ .key }}` and
 * `{{ index . "a-key" }}`. What else Go templates can do is refused.
 * @returns key -> text
 * @throws {SecretError} INVALID_VALUE `template`, or `too-large`: nothing authenticates a template, and it may name one value many times
 */
export function renderTemplates(
  templates: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, Uint8Array> {
  const rendered = new Map<string, Uint8Array>();
  let length = 0;
  for (const [key, template] of templates) {
    const parts: Uint8Array[] = [];
    for (const part of partsOf(template, values, key)) {
      parts.push(part);
      length += part.length;
      if (length > mostBytes)
        throw sealedError("too-large", `has templates that render to more than ${mostBytes} bytes`, "Shorten them.");
    }
    rendered.set(key, new Uint8Array(Buffer.concat(parts)));
  }
  return rendered;
}

/** What a Secret can hold. */
const mostBytes = 1024 * 1024;

function* partsOf(template: string, values: ReadonlyMap<string, Uint8Array>, key: string): Generator<Uint8Array> {
  for (const [index, part] of template.split(/(\{\{[^{}]*\}\})/).entries()) {
    if (index % 2 === 0) {
      if (part.includes("{{")) throw unsupported(key);
      yield Buffer.from(part);
      continue;
    }
    const [, field, quoted] = /^\{\{\s*(?:\.([A-Za-z_]\w*)|index\s+\.\s+"([^"\\]+)")\s*\}\}$/.exec(part) ?? [];
    const value = values.get(field ?? quoted ?? "");
    if (value === undefined) throw unsupported(key);
    yield value;
  }
}

function unsupported(key: string): ReturnType<typeof sealedError> {
  return sealedError(
    "template",
    `has a template that is not supported (key ${JSON.stringify(key.slice(0, 64))})`,
    'Only {{ .key }} and {{ index . "key" }} of a sealed key are rendered: seal the rendered text, or read the Secret that the controller creates.',
  );
}
