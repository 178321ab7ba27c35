import { markerOf } from "../secret/marker.ts";
import type { Form } from "./forms.ts";
import { isMaskedAsWord } from "./mask-policy.ts";

/** One form of one or more secrets. */
export interface RegisteredForm extends Form {
  /** Whether it counts only where no letter, digit or underscore adjoins it. */
  readonly wholeWord: boolean;
  /** name -> registrations that stand; of a retired form the last name, with none */
  readonly names: Map<string, number>;
}

/** Old values stay in buffered lines, error objects and at the store; this many are remembered after their release. */
const maxRetired = 2_000;

/** The forms to look for, counted by reference. A form whose last registration is released retires: it stays until 2,000 younger ones have. */
export class Registry {
  /** bytes of the form -> the form */
  readonly #forms = new Map<string, RegisteredForm>();
  /** oldest first */
  readonly #retired = new Set<RegisteredForm>();
  /** longest first; undefined after a change */
  #ordered: readonly RegisteredForm[] | undefined;

  /** Registers forms under a name; the function returned releases them, once. */
  add(forms: readonly Form[], name: string): () => void {
    const added = forms.map((form) => this.#addOne(form, name));
    let standing = true;
    return () => {
      if (!standing) return;
      standing = false;
      for (const form of added) this.#release(form, name);
    };
  }

  /** All forms, the longest first. */
  forms(): readonly RegisteredForm[] {
    this.#ordered ??= [...this.#forms.values()].sort((a, b) => b.text.length - a.text.length);
    return this.#ordered;
  }

  counts(): { readonly values: number; readonly retired: number } {
    return { values: this.#forms.size - this.#retired.size, retired: this.#retired.size };
  }

  /** What stands for a form. A marker that would itself hold a value is replaced by one without a name. */
  marker(form: RegisteredForm): string {
    const [name = ""] = form.names.keys();
    const marker = markerOf(name);
    return this.forms().some((other) => marker.includes(other.text)) ? "[REDACTED]" : marker;
  }

  #addOne(form: Form, name: string): RegisteredForm {
    let registered = this.#forms.get(form.binary);
    if (registered === undefined) {
      registered = { ...form, wholeWord: isMaskedAsWord(form.text), names: new Map() };
      this.#forms.set(form.binary, registered);
      this.#ordered = undefined;
    }
    if (this.#retired.delete(registered)) registered.names.clear();
    registered.names.set(name, (registered.names.get(name) ?? 0) + 1);
    return registered;
  }

  #release(form: RegisteredForm, name: string): void {
    const standing = (form.names.get(name) ?? 1) - 1;
    if (standing > 0 || form.names.size === 1) form.names.set(name, standing);
    else form.names.delete(name);
    if (standing > 0 || form.names.size > 1 || !form.names.has(name)) return;
    this.#retired.add(form);
    const [oldest] = this.#retired;
    if (this.#retired.size <= maxRetired || oldest === undefined) return;
    this.#retired.delete(oldest);
    this.#forms.delete(oldest.binary);
    this.#ordered = undefined;
  }
}
