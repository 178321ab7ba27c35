import type { Redactor } from "../redactor.ts";
import { GuardHolders } from "./guard-holders.ts";
import { maskedArguments } from "./guard-write.ts";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** `end` does not go through `write` when it is given a last chunk. */
const writingMethods = ["write", "end"] as const;

const holders = new GuardHolders((redactors) => {
  const removers = (["stdout", "stderr"] as const).flatMap((sink) =>
    writingMethods.map((method) =>
      wrapMethod(process[sink], method, (args) => maskedArguments(args, redactors(), sink)),
    ),
  );
  return () => {
    for (const remove of removers) remove();
  };
});

/** Masks what is written to stdout and stderr of this thread, by whomever, until the function returned is called. */
export function guardStreams(redactor: Redactor): () => void {
  return holders.hold(redactor);
}

/** Others may wrap the same method later and keep what they found: then the wrapper stays, and passes everything on as it is. */
function wrapMethod(holder: object, name: string, change: (args: unknown[]) => unknown[]): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const previous = Reflect.get(holder, name) as Method;
  let standing = true;
  const wrapper: Method = function (...args) {
    return Reflect.apply(previous, this, standing ? change(args) : args);
  };
  Object.defineProperty(holder, name, { value: wrapper, configurable: true, enumerable: true, writable: true });
  return () => {
    standing = false;
    if (Reflect.get(holder, name) !== wrapper) return;
    if (own === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, own);
  };
}
