/** What is still to be written when the process ends; one listener serves all streams. */
const flushes = new Set<() => void>();

/** Runs a synchronous flush when the process exits; the function returned forgets it. */
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
