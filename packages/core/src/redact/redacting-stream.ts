import type { Transform, Writable } from "node:stream";

/** Masks each chunk on its own. */
export function redactingTransform(mask: (text: string) => string): Transform {
  const { Transform } = process.getBuiltinModule("node:stream");
  return new Transform({
    decodeStrings: false,
    transform(chunk: string | Buffer, _encoding, done) {
      done(null, mask(chunk.toString()));
    },
  });
}

/** Masks each chunk on its own. */
export function redactingWritable(mask: (text: string) => string, destination: Writable): Writable {
  const { Writable } = process.getBuiltinModule("node:stream");
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      if (destination.write(mask(chunk.toString()))) done();
      else destination.once("drain", () => done());
    },
  });
}
