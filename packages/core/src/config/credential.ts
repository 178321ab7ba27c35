import type { CredentialSource } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { faultText, readBoundedFile } from "./bounded-file.ts";
import { isRecord } from "./json-path.ts";

/** The context for reading credential sources. */
export interface CredentialContext {
  /** The environment variables, usually `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a reference from another provider; undefined if `$secret` cannot be used. */
  readonly secret?: ((reference: string) => Promise<Uint8Array>) | undefined;
}

/** Returns whether a value is `{"$env"}`, `{"$file"}` or `{"$secret"}`: exactly one such key, with non-empty text. */
export function isCredentialSource(value: unknown): value is CredentialSource {
  if (!isRecord(value)) return false;
  const [key, ...more] = Object.keys(value);
  if (key === undefined || more.length > 0 || !sourceKeys.has(key)) return false;
  return typeof value[key] === "string" && value[key] !== "";
}

/** Returns whether an object has the key of a source, even if it is malformed. */
export function looksLikeSource(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && Object.keys(value).some((key) => sourceKeys.has(key));
}

/**
 * Reads the bytes of a credential without one final line end. Nothing is cached, so a rotated credential is read at the next use.
 * @throws {SecretError} INVALID_CONFIG `credential-missing` if the variable is not set, which cannot change; UNAUTHENTICATED
 * `credential-missing`, which is retried, if the file cannot be read; either with `credential-empty`; errors of `secret`. Errors
 * contain the name of a variable only if it looks like one, and never a path, since either may be a credential by mistake.
 */
export async function readCredential(source: CredentialSource, context: CredentialContext): Promise<Uint8Array> {
  if ("$secret" in source) return readSecret(source.$secret, context);
  const bytes = "$env" in source ? readVariable(source.$env, context) : await readFile(source.$file);
  const content = withoutLineEnd(bytes);
  if (content.length === 0) throw missing(source, "credential-empty", "is empty");
  return content;
}

const sourceKeys: ReadonlySet<string> = new Set(["$env", "$file", "$secret"]);

async function readSecret(reference: string, context: CredentialContext): Promise<Uint8Array> {
  if (context.secret !== undefined) return withoutLineEnd(await context.secret(reference));
  throw new SecretError("INVALID_CONFIG", "`$secret` cannot be used here", {
    reason: "secret-source",
    tip: "Only an adapter's credential options may name another secret; use `$env` or `$file`.",
  });
}

function readVariable(name: string, context: CredentialContext): Uint8Array {
  const text = Object.hasOwn(context.env, name) ? context.env[name] : undefined;
  if (text === undefined) throw missing({ $env: name }, "credential-missing", "is not set");
  return new TextEncoder().encode(text);
}

async function readFile(path: string): Promise<Uint8Array> {
  const content = await readBoundedFile(path);
  if (typeof content === "string") throw missing({ $file: path }, "credential-missing", faultText[content]);
  return content;
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}

/** Matches usual names of variables: capitals in short words. A token is longer, or has no words. */
const variableName = /^[A-Z][A-Z0-9]{0,15}(?:_[A-Z0-9]{1,15}){0,6}$/;

function missing(source: CredentialSource, reason: string, fault: string): SecretError {
  const name = "$env" in source && variableName.test(source.$env) ? `variable ${source.$env}` : "variable";
  return "$env" in source
    ? new SecretError("INVALID_CONFIG", `the ${name} that \`$env\` names ${fault}`, {
        reason,
        tip: "Set the variable and restart: a process never sees a later change of its environment.",
      })
    : new SecretError("UNAUTHENTICATED", `the file in \`$file\` ${fault}`, {
        reason,
        tip: "Check that it is mounted at that path and that this user can read it.",
      });
}
