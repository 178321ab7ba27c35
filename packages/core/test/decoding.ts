import { inspect } from "node:util";
import type { SecretPayload } from "../src/contract/contract.ts";
import type { Codec, Decoded } from "../src/decode/codec.ts";
import { isSecretError, type SecretError } from "../src/error/secret-error.ts";

/** The value in every payload that must be refused: no error may show it. */
export const password = "s3cret-fixture";

/** A value, or fields by name. */
export type Content = string | Uint8Array | Readonly<Record<string, string | Uint8Array>>;

/** Makes the payload that a provider would answer. */
export function payload(content: Content): SecretPayload {
  if (typeof content === "string" || content instanceof Uint8Array) return { kind: "value", bytes: bytesOf(content) };
  const fields = Object.entries(content).map(([name, raw]) => [name, bytesOf(raw)] as const);
  return { kind: "fields", fields: new Map(fields) };
}

/** Decodes as an admission does. */
export function decode<T>(
  codec: Codec<T>,
  content: Content,
  expose: (shown: unknown) => void = () => undefined,
): Decoded<T> | Promise<Decoded<T>> {
  return codec.decode(payload(content), { reference: "db/primary", expose });
}

/** Returns what a reveal would give. */
export async function read<T>(codec: Codec<T>, content: Content): Promise<unknown> {
  const decoded = await decode(codec, content);
  if (decoded.kind === "text") return Buffer.from(decoded.bytes).toString("utf8");
  return decoded.kind === "bytes" ? decoded.bytes : decoded.value;
}

/** Returns the error with which a codec refuses: INVALID_VALUE, or REFUSED where its schema threw. @throws if it does not, or if the error shows the value */
export async function refusal<T>(codec: Codec<T>, content: Content): Promise<SecretError> {
  const error = await read(codec, content).then(
    () => new Error("nothing was refused"),
    (thrown: unknown) => thrown,
  );
  if (!isSecretError(error, "INVALID_VALUE", "REFUSED") || error.reference !== "db/primary") throw error;
  if (inspect(error, { depth: 10, showHidden: true }).includes(password)) throw new Error("the error shows the value");
  return error;
}

function bytesOf(raw: string | Uint8Array): Uint8Array {
  return Buffer.from(raw as string);
}
