import type { RegisteredForm, Registry } from "./registry.ts";

/** Where a form stands in a text. */
export interface MaskedRange {
  readonly start: number;
  end: number;
  readonly form: RegisteredForm;
}

/** Replaces every registered value in a text by its marker; the text itself if it holds none. */
export function maskText(text: string, registry: Registry): string {
  return mask(text, merged(findOccurrences(text, registry, "text")), registry);
}

/** The same for bytes that are given as one character each. */
export function maskBinary(binary: string, registry: Registry): string {
  return mask(binary, merged(findOccurrences(binary, registry, "binary")), registry);
}

/** Every place where a form stands, in order; places of different forms may overlap. */
export function findOccurrences(text: string, registry: Registry, kind: "text" | "binary"): readonly MaskedRange[] {
  const found: MaskedRange[] = [];
  for (const form of registry.forms()) collect(text, form, form[kind], found);
  // the sort is stable and longer forms were looked for first, so of those that start together the longest comes first
  return found.sort((a, b) => a.start - b.start);
}

/** Occurrences that overlap each other are joined at once, so that "aaaa..." in a long run of "a" costs one range. */
function collect(text: string, form: RegisteredForm, wanted: string, found: MaskedRange[]): void {
  let last: MaskedRange | undefined;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (form.wholeWord && (isWordCharacter(text[at - 1]) || isWordCharacter(text[end]))) continue;
    if (last !== undefined && at < last.end) {
      last.end = end;
      continue;
    }
    last = { start: at, end, form };
    found.push(last);
  }
}

/** Overlapping places are one range, named after the first; adjacent ones stay apart. */
function merged(ordered: readonly MaskedRange[]): readonly MaskedRange[] {
  const ranges: MaskedRange[] = [];
  for (const range of ordered) {
    const previous = ranges.at(-1);
    if (previous !== undefined && range.start < previous.end) previous.end = Math.max(previous.end, range.end);
    else ranges.push(range);
  }
  return ranges;
}

function mask(text: string, ranges: readonly MaskedRange[], registry: Registry): string {
  let masked = "";
  let from = 0;
  for (const { start, end, form } of ranges) {
    masked += text.slice(from, start) + registry.marker(form);
    from = end;
  }
  return from === 0 ? text : masked + text.slice(from);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}
