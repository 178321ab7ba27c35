import type { Encoding } from "./encodings.ts";
import type { Needle } from "./needle.ts";
import type { NeedleIndex } from "./needle-index.ts";

/** The beginning of a form at the very end of a text. */
export interface PartialMatch {
  readonly start: number;
  readonly needle: Needle;
}

interface Form {
  readonly needle: Needle;
  readonly encoding: Encoding;
  readonly length: number;
}

/** No form is shorter. */
const gramLength = 4;

/** Finds out whether a text ends in the middle of a form. Made anew on first use after the needles have changed. */
export class PrefixTable {
  readonly #index: NeedleIndex;
  #revision = -1;
  /** first four units -> forms that begin so */
  #forms = new Map<number, Form[]>();
  /** first one, two or three units -> one form that begins so */
  #beginnings = new Map<number, Form>();
  /** Whether some form begins with two units, by their low bytes: most places of a text are passed over by it. */
  readonly #pairs = new Uint8Array(65_536);
  #longest = 0;

  constructor(index: NeedleIndex) {
    this.#index = index;
  }

  /** Units of the longest form. */
  get longest(): number {
    this.#refresh();
    return this.#longest;
  }

  /** The earliest place from which the rest of the text, at least `minLength` of it, is the beginning of a form. */
  partialMatch(text: string, minLength = 1): PartialMatch | undefined {
    this.#refresh();
    for (let start = Math.max(0, text.length - this.#longest + 1); start <= text.length - minLength; start++) {
      if (this.#pairs[pairOf(text.charCodeAt(start), text.charCodeAt(start + 1))] === 0 && start < text.length - 1)
        continue;
      const form = this.#formAt(text, start);
      if (form !== undefined) return { start, needle: form.needle };
    }
    return undefined;
  }

  #formAt(text: string, start: number): Form | undefined {
    const rest = text.length - start;
    const key = keyOf(Math.min(rest, gramLength), (index) => text.charCodeAt(start + index));
    if (rest < gramLength) {
      const form = this.#beginnings.get(key);
      return form !== undefined && begins(form, text, start) ? form : undefined;
    }
    return this.#forms.get(key)?.find((form) => form.length > rest && begins(form, text, start));
  }

  #refresh(): void {
    if (this.#revision === this.#index.revision) return;
    this.#revision = this.#index.revision;
    this.#forms = new Map();
    this.#beginnings = new Map();
    this.#pairs.fill(0);
    this.#longest = 0;
    for (const form of this.#index.allForms()) this.#enter(form);
  }

  #enter(form: Form): void {
    this.#pairs[pairOf(form.encoding.unitAt(form.needle, 0), form.encoding.unitAt(form.needle, 1))] = 1;
    this.#longest = Math.max(this.#longest, form.length);
    const key = (length: number) => keyOf(length, (index) => form.encoding.unitAt(form.needle, index));
    for (let length = 1; length < gramLength; length++) this.#beginnings.set(key(length), form);
    const alike = this.#forms.get(key(gramLength));
    if (alike === undefined) this.#forms.set(key(gramLength), [form]);
    else alike.push(form);
  }
}

function pairOf(first: number, second: number): number {
  return ((first & 255) << 8) | (second & 255);
}

/** Up to four units as one number; units above 16 bits are none. */
function keyOf(length: number, unitAt: (index: number) => number): number {
  let key = length;
  for (let index = 0; index < length; index++) key = key * 2_048 + (unitAt(index) & 2_047);
  return key;
}

function begins({ needle, encoding }: Form, text: string, start: number): boolean {
  for (let at = start; at < text.length; at++) {
    if (text.charCodeAt(at) !== encoding.unitAt(needle, at - start)) return false;
  }
  return true;
}
