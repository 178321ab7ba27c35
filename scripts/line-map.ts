import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

/**
 * Leaves of a source map what a stack and a breakpoint need: where each line comes from, and where within a line another one of
 * the source begins. That is a quarter of it.
 */
export function lineMap(text: string): string {
  const map = JSON.parse(text) as { readonly mappings: string };
  return JSON.stringify({ ...map, names: [], mappings: encode(decode(map.mappings).map(firstOfEachLine)) });
}

/** Segments are a column, and the file, line and column of the source. */
function firstOfEachLine(segments: readonly SourceMapSegment[]): SourceMapSegment[] {
  const isFirst = ([, file, line]: SourceMapSegment, index: number): boolean => {
    const before = segments[index - 1];
    return before === undefined || before[1] !== file || before[2] !== line;
  };
  return segments.filter(isFirst).map((segment) => segment.slice(0, 4) as SourceMapSegment);
}
