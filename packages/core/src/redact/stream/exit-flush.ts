/** The flushes to run when the process exits; one listener serves all streams. */
const flushes = new Set<() => void>();

/** Runs a synchronous flush when the process exits. Returns a function that cancels it. */
export function flushAtExit(flush: () => void): () => void {
  if (flushes.size === 0) process.on("exit", flushAll);
  flushes.add(flush);
  return () => {
    flushes.delete(flush);
    if (flushes.size === 0) process.off("exit", flushAll);
  };
}

function flushAll(): void {
  for (const flush of flushes) flush();
}
