import { createRedactor, type Redactor } from "@tacit/core/redact";
import type { Mask } from "../measure/mask-loop.ts";
import { alternationMarker, alternationOf } from "./regexp-alternation.ts";

/** contender -> what makes its mask for these values */
export const lineMaskers: ReadonlyMap<string, (values: readonly string[]) => Mask> = new Map([
  ["one RegExp", regexpMask],
  [
    "Tacit redact",
    (values: readonly string[]) => {
      const redactor = redactorOf(values);
      return (text: string) => redactor.redact(text, "bench");
    },
  ],
  [
    "Tacit redactJson",
    (values: readonly string[]) => {
      const redactor = redactorOf(values);
      return (text: string) => redactor.redactJson(text, "bench");
    },
  ],
]);

/** A redactor that knows these values. */
export function redactorOf(values: readonly string[]): Redactor {
  const redactor = createRedactor();
  for (const [index, value] of values.entries()) redactor.register(value, { name: `svc/secret-${index}` });
  return redactor;
}

/** Throws unless a clean line passes as it is, and each of these values is taken out of a text, also in base64 and in hex. */
export function assertMasks(contender: string, mask: Mask, values: readonly string[]): void {
  const clean = '{"level":30,"msg":"nothing in here"}\n';
  if (mask(clean) !== clean) throw new Error(`${contender} changed a clean line`);
  for (const value of values) {
    const bytes = Buffer.from(value);
    for (const written of [value, bytes.toString("base64"), bytes.toString("hex")]) {
      const masked = mask(`with ${written} in it`);
      if (masked.includes(written) || !/^with .* in it$/.test(masked)) {
        throw new Error(`${contender} did not mask a value`);
      }
    }
  }
}

function regexpMask(values: readonly string[]): Mask {
  const regexp = alternationOf(values);
  return (text) => text.replace(regexp, alternationMarker);
}
