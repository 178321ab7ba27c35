/** One way to read a value by its key. */
export type Read = (key: string) => unknown;

/** What is done with an answer: a text is taken as it is, a Secret is kept as it is or revealed. */
export type Taking = "text" | "secret" | "revealed";

/** Reads `count` keys round robin and throws when one of them is missing. */
export type ReadLoop = (count: number) => unknown;

/**
 * A loop with code of its own: loops made from one function literal share type feedback, and the second contender would
 * turn the call in it megamorphic for the first. Asking for the type of each answer touches it, and keeps the read from
 * being dropped as dead.
 */
export function syncReadLoop(read: Read, keys: readonly string[], taking: Taking): ReadLoop {
  return compile(read, keys, taking, "", "");
}

/** The same, awaiting each read before the next one. */
export function asyncReadLoop(read: Read, keys: readonly string[], taking: Taking): ReadLoop {
  return compile(read, keys, taking, "async", "await");
}

function compile(read: Read, keys: readonly string[], taking: Taking, modifier: string, wait: string): ReadLoop {
  const answer = `(${wait} read(keys[at]))${taking === "revealed" ? ".reveal()" : ""}`;
  const source = `
    let at = 0;
    return ${modifier} (count) => {
      let wrong = 0;
      for (let index = 0; index < count; index++) {
        if (typeof ${answer} !== "${taking === "secret" ? "object" : "string"}") wrong++;
        if (++at === keys.length) at = 0;
      }
      if (wrong > 0) throw new Error(wrong + " reads found nothing");
    };`;
  return new Function("read", "keys", source)(read, keys) as ReadLoop;
}
