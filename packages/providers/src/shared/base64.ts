/** Decodes padded base64 to bytes that the caller owns; returns undefined for any other text, in which `Buffer.from` would skip characters. */
export function base64Bytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  // A copy, because Node allocates small buffers from a shared pool.
  return new Uint8Array(Buffer.from(text, "base64"));
}
