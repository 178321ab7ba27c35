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
  const output = Buffer.alloc(mostBytes);
  let length = 0;
  for (const [key, template] of templates) {
    const start = length;
    for (const part of partsOf(template, values, key)) {
      if (length + part.length > mostBytes)
        throw sealedError("too-large", `has templates that render to more than ${mostBytes} bytes`, "Shorten them.");
      output.set(part, length);
      length += part.length;
    }
    rendered.set(key, new Uint8Array(output.subarray(start, length)));
  }
  output.fill(0);
  return rendered;
}

/** The maximum size of a Secret. */
const mostBytes = 1024 * 1024;

function* partsOf(template: string, values: ReadonlyMap<string, Uint8Array>, key: string): Generator<Uint8Array> {
  let end = 0;
  for (const { 0: action, 1: field, 2: quoted, index } of template.matchAll(actions)) {
    yield literal(template.slice(end, index), key);
    const value = values.get(field ?? quoted ?? "");
    if (value === undefined) throw unsupported(key);
    yield value;
    end = index + action.length;
  }
  yield literal(template.slice(end), key);
}

const actions = /\{\{\s*(?:\.([A-Za-z_]\w*)|index\s+\.\s+"([^"\\]+)")\s*\}\}/g;

/** Returns text between actions. One that is left in it was none of those above. */
function literal(text: string, key: string): Uint8Array {
  if (text.includes("{{")) throw unsupported(key);
  return Buffer.from(text);
}

function unsupported(key: string): ReturnType<typeof sealedError> {
  return sealedError(
    "template",
    `has a template that is not supported (key ${JSON.stringify(key.slice(0, 64))})`,
    'Only {{ .key }} and {{ index . "key" }} of a sealed key are rendered: seal the rendered text, or read the Secret that the controller creates.',
  );
}
