import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { type Logger, pino } from "pino";
import { interleaveSamples, roundsWithin } from "../measure/interleave.ts";
import { median } from "../measure/median.ts";
import { type PinoLogger, pinoLoggers, plainLogger } from "../peers/pino-loggers.ts";
import { base, callWith, type LogKind, logCall } from "../redact/log-lines.ts";
import { registeredValues } from "../redact/registered-values.ts";

/** Short samples and many of them: the two sides of a round then meet the same neighbours. */
const lines = 1_000;
/** About what a busy server logs before it turns to its sockets. */
const linesPerTurn = 100;
const warmUps = 16;
const budgetMs = 1_200;

const [contender = "", kind = "request"] = process.argv.slice(2);
const logger = pinoLoggers.find(({ name }) => name === contender);
if (logger === undefined) throw new Error("no such logger");
assertWrites(plainLogger);
assertWrites(logger);
const sides = [await timed("plain", plainLogger), await timed("other", logger)] as const;
const roundMs = ((await sides[0].sample()) + (await sides[1].sample())) * lines * 1e-6;
const samples = await interleaveSamples(sides, roundsWithin(budgetMs, roundMs, 25, 150));
const plain = samples.get("plain") ?? [];
const other = samples.get("other") ?? [];
// A neighbour that is busy for a while slows both sides of one round.
const share = plain.map((nanoseconds, round) => (100 * nanoseconds) / (other[round] ?? Number.NaN));
const added = plain.map((nanoseconds, round) => (other[round] ?? Number.NaN) - nanoseconds);
process.stdout.write(`${JSON.stringify({ percent: median(share), "ns added": median(added) })}\n`);
process.exit(0);

async function timed(name: string, from: PinoLogger): Promise<{ name: string; sample: () => Promise<number> }> {
  const destination = pino.destination({ dest: "/dev/null", sync: false, minLength: 4_096 });
  await once(destination, "ready");
  const written = pino({ base, ...from.optionsFor(valuesOf(from)) }, destination);
  const sample = async (): Promise<number> => {
    const start = performance.now();
    await write(written);
    destination.flushSync();
    return ((performance.now() - start) * 1e6) / lines;
  };
  for (let warmUp = 0; warmUp < warmUps; warmUp++) await sample();
  return { name, sample };
}

async function write(to: Logger): Promise<void> {
  for (let index = 0; index < lines; index++) {
    const { fields, message } = logCall(kind as LogKind, index);
    to.info(fields, message);
    if (index % linesPerTurn === 0) await turn();
  }
}

/** Throws unless a clean line is written in full and a value in a header is not. */
function assertWrites(from: PinoLogger): void {
  const values = valuesOf(from);
  const value = values[0] ?? "s3cret-fixture-in-a-header";
  let line = "";
  const keep = (text: string): void => {
    line = text;
  };
  const written = pino({ base, ...from.optionsFor(values) }, { write: keep });
  const { fields, message } = callWith(value, 0);
  written.info(fields, message);
  const { msg } = JSON.parse(line) as { msg: string };
  if (msg !== message || line.includes(value) !== (from.leaks === true)) {
    throw new Error(`${from.name} wrote a wrong line`);
  }
}

function valuesOf({ values }: PinoLogger): readonly string[] {
  return registeredValues(values, "tokens");
}
