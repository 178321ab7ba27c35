import { markerOf } from "../secret/marker.ts";
import type { Finder, TextKind } from "./engine/finder.ts";
import { jsonCuts } from "./engine/json-cut.ts";
import { isJson } from "./engine/json-token.ts";
import type { Pattern } from "./engine/pattern.ts";
import { merged, type Range } from "./engine/range.ts";
import type { LeakReports } from "./leak-reports.ts";

/** The marker of a value whose name contains a registered value. */
const namelessMarker = "[REDACTED]";

const manyTexts = 1_000;

/** Replaces values with markers. */
export class TextMasker {
  readonly #finder: Finder;
  readonly #reports: LeakReports;
  /** Name -> its marker; valid for one revision of the registered values. */
  readonly #markers = new Map<string, string>();
  #revision = -1;
  /** Pattern -> the number of texts, of the last thousand, in which it was masked. */
  readonly #shares = new Map<Pattern, number>();
  readonly #noisy = new Set<string>();
  #sharesFrom = 0;
  /** The numbers of searched texts and of texts with replacements. */
  scanned = 0;
  masked = 0;

  constructor(finder: Finder, reports: LeakReports) {
    this.#finder = finder;
    this.#reports = reports;
  }

  /** Returns the masked text; the same text if it contains no value. */
  mask(text: string, kind: TextKind, sink: string): string {
    this.scanned++;
    const ranges = this.#finder.find(text);
    if (ranges.length === 0) return text;
    const masked = kind === "json" && isJson(text) ? this.#maskJson(text, ranges) : this.#maskText(text, ranges);
    if (masked !== text) this.report(ranges, sink);
    return masked;
  }

  /**
   * The names of values that were masked in more than half of a thousand consecutive texts, and so may be ordinary words of the
   * service.
   */
  get noisy(): readonly string[] {
    return [...this.#noisy];
  }

  /** Counts and reports replaced values. */
  report(ranges: readonly Range[], sink: string): void {
    this.masked++;
    this.#reports.report(ranges, sink);
    this.#count(ranges);
  }

  #count(ranges: readonly Range[]): void {
    if (this.scanned - this.#sharesFrom >= manyTexts) {
      for (const [pattern, share] of this.#shares) {
        if (share > manyTexts / 2) for (const name of pattern.names.keys()) this.#noisy.add(name);
      }
      this.#shares.clear();
      this.#sharesFrom = this.scanned;
    }
    for (const pattern of new Set(ranges.map((range) => range.pattern))) {
      this.#shares.set(pattern, (this.#shares.get(pattern) ?? 0) + 1);
    }
  }

  /** Returns the marker of a pattern, with the name that was registered first. */
  marker(pattern: Pattern): string {
    const [name = ""] = pattern.names.keys();
    if (this.#revision !== this.#finder.revision) this.#markers.clear();
    this.#revision = this.#finder.revision;
    const known = this.#markers.get(name);
    if (known !== undefined) return known;
    const marker = markerOf(name);
    const harmless = this.#finder.find(marker).length === 0 ? marker : namelessMarker;
    this.#markers.set(name, harmless);
    return harmless;
  }

  #maskText(text: string, ranges: readonly Range[]): string {
    let masked = "";
    let from = 0;
    for (const { start, end, pattern } of merged(ranges)) {
      masked += text.slice(from, start) + this.marker(pattern);
      from = end;
    }
    return masked + text.slice(from);
  }

  #maskJson(json: string, ranges: readonly Range[]): string {
    let masked = "";
    let from = 0;
    for (const { start, end, pattern, isBare } of jsonCuts(json, ranges)) {
      const marker = this.marker(pattern);
      masked += json.slice(from, start) + (isBare ? `"${marker}"` : marker);
      from = end;
    }
    return masked + json.slice(from);
  }
}
