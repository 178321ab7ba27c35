/** The frames of an error that are in sources of the library: none helps whoever called it with a wrong option. */
export function libraryFrames(error: unknown): readonly string[] {
  const { stack = "" } = error as Error;
  return stack.split("\n").filter((line) => /^ +at .*packages\/\w+\/src\/(?!.*\.test\.ts)/.test(line));
}
