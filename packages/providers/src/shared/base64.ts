/** Decodes base64 with its padding, as Go does; undefined for anything else, over which `Buffer.from` would skip. The bytes are the caller's own. */
export function base64Bytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  // A copy: small buffers lie in a pool.
  return new Uint8Array(Buffer.from(text, "base64"));
}
