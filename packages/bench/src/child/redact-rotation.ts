import { median } from "../measure/median.ts";
import { redactorOf } from "../peers/line-maskers.ts";
import { alternationMarker, alternationOf } from "../peers/regexp-alternation.ts";
import { requestLines } from "../redact/log-lines.ts";
import { type Mixture, registeredValues } from "../redact/registered-values.ts";

/** What one rotation costs, up to and with the next line, so that work put off until then counts. */
interface Rotation {
  add(value: string): void;
  remove(): void;
}

const registered = 1_000;
const [contender = "", mixture = "tokens", kept = "0"] = process.argv.slice(2);
/** A RegExp takes too long for as many. */
const { warmUps, rotations } =
  contender === "one RegExp" ? { warmUps: 2, rotations: 15 } : { warmUps: 200, rotations: 300 };
const [line = ""] = requestLines([undefined]);
const values = registeredValues(registered, mixture as Mixture);
const before = Number(kept) + warmUps;
const fresh = registeredValues(before + rotations, mixture as Mixture, 2);
const rotation = contender === "one RegExp" ? regexpRotation() : tacitRotation();
const costs = fresh.map(rotate).slice(before);
process.stdout.write(
  `${JSON.stringify({
    "add ms": median(costs.map(({ add }) => add)),
    "release ms": median(costs.map(({ remove }) => remove)),
  })}\n`,
);
process.exit(0);

function rotate(value: string): { readonly add: number; readonly remove: number } {
  const start = performance.now();
  rotation.add(value);
  const added = performance.now();
  rotation.remove();
  return { add: added - start, remove: performance.now() - added };
}

function tacitRotation(): Rotation {
  const redactor = redactorOf(values);
  let release = (): void => undefined;
  return {
    add(value) {
      release = redactor.register(value, { name: "svc/rotated" });
      assertClean(redactor.redactJson(line));
    },
    remove() {
      release();
      assertClean(redactor.redactJson(line));
    },
  };
}

/** The oldest value leaves, as in a rotation; a pattern that was there before would come out of the engine's cache. */
function regexpRotation(): Rotation {
  const all = [...values];
  const rebuild = (): void => assertClean(line.replace(alternationOf(all), alternationMarker));
  return {
    add(value) {
      all.push(value);
      rebuild();
    },
    remove() {
      all.shift();
      rebuild();
    },
  };
}

function assertClean(masked: string): void {
  if (masked !== line) throw new Error("a clean line was changed");
}
