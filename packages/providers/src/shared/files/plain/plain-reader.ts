import { pause, type SecretPayload, untilAborted } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { isAbsence, toFileError, unsettledError } from "../errors.ts";
import { type PlainContent, readPlain } from "./plain-content.ts";

/** The settled content of a plain path. */
export type PlainAnswer =
  | { readonly kind: "payload"; readonly payload: SecretPayload; readonly changedAt: Date }
  | { readonly kind: "absent" }
  /** The directory has become a volume. */
  | { readonly kind: "volume" };

/** One read of a plain file or directory. */
export interface PlainQuestion {
  readonly file: string;
  readonly path: string;
  readonly signal: AbortSignal;
  /** Whether the path existed before; in that case, its absence must be confirmed by a second read. */
  readonly known: boolean;
}

/** After this time without a change, a file counts as completely written: in-place writers pause only for milliseconds. */
const quietMs = 1000;
/** Vault Agent and the AWS provider rename their temporary files, whose names end with digits, within this time. */
const temporaryNameMs = 100;
/** The number of reads after which a file that keeps changing is an error. */
const mostReads = 40;

/**
 * Reads a plain file as a value or a plain directory as fields. Content that changed within the last second is accepted only if
 * two reads, `settleMs` apart, return the same and nothing was written in between, because a file that is being rewritten in
 * place is temporarily empty or incomplete.
 * @throws {SecretError} UNAVAILABLE, such as `unsettled`; INVALID_VALUE; PERMISSION_DENIED; the signal's reason
 */
export async function readSettled(context: FilesContext, question: PlainQuestion): Promise<PlainAnswer> {
  const { clock, settleMs } = context;
  let last = await readOnce(context, question);
  if (isQuiet(last, context, question)) return toAnswer(last);
  for (let reads = 1; reads < mostReads; reads++) {
    const waitMs = last.hasTemporaryName ? Math.max(temporaryNameMs, settleMs) : settleMs;
    await pause(clock, waitMs, question.signal, { keepsAlive: true });
    const next = await readOnce(context, question);
    if (isSettled(last, next)) return toAnswer(next);
    last = next;
  }
  throw unsettledError(question.path);
}

async function readOnce(context: FilesContext, { file, path, signal }: PlainQuestion): Promise<PlainContent> {
  signal.throwIfAborted();
  try {
    return await untilAborted(readPlain(context, file, path), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isAbsence(error)) return { payload: undefined, changedMs: 0, touchedMs: 0, hasTemporaryName: false };
    throw toFileError(error, path);
  }
}

/** Returns whether one read is sufficient. With `watch: poll` it never is for existing files, since the clock of a file server may be wrong by minutes. */
function isQuiet(
  { payload, touchedMs }: PlainContent,
  { clock, watch }: FilesContext,
  { known }: PlainQuestion,
): boolean {
  if (payload === undefined) return !known;
  if (payload === "volume") return true;
  return watch === "auto" && clock.now() - touchedMs > quietMs;
}

function toAnswer({ payload, changedMs }: PlainContent): PlainAnswer {
  if (payload === undefined) return { kind: "absent" };
  return payload === "volume" ? { kind: "volume" } : { kind: "payload", payload, changedAt: new Date(changedMs) };
}

/** Returns whether two reads agree in content and timestamps. Equal bytes are not sufficient: two rewrites may begin with the same bytes. */
function isSettled(last: PlainContent, next: PlainContent): boolean {
  if (last.touchedMs !== next.touchedMs || last.hasTemporaryName !== next.hasTemporaryName) return false;
  return isSame(last.payload, next.payload);
}

function isSame(left: PlainContent["payload"], right: PlainContent["payload"]): boolean {
  if (left === undefined || right === undefined || left === "volume" || right === "volume") return left === right;
  if (left.kind === "value") return right.kind === "value" && Buffer.compare(left.bytes, right.bytes) === 0;
  if (right.kind === "value" || left.fields.size !== right.fields.size) return false;
  return [...left.fields].every(([key, bytes]) => {
    const other = right.fields.get(key);
    return other !== undefined && Buffer.compare(bytes, other) === 0;
  });
}
