import { isUtf8 } from "node:buffer";
import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { quotedName } from "../name/listed-names.ts";
import type { Codec, Decoded } from "./codec.ts";
import { membersOf } from "./text-fields.ts";

/** The login of one registry. */
export interface DockerCredentials {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
}

const codec = Object.freeze<Codec<Readonly<Record<string, DockerCredentials>>>>({
  kind: "object",
  decode(content, { reference }): Decoded<Readonly<Record<string, DockerCredentials>>> {
    const registries = registriesOf(content, reference);
    const logins = Object.entries(registries).map(([registry, entry]) => [
      registry,
      Object.freeze(credentials(entry, registry, reference)),
    ]);
    // fromEntries defines own properties, so that a registry named __proto__ is only a key
    return { kind: "value", value: Object.freeze(Object.fromEntries(logins)) };
  },
});

/**
 * Reads `.dockerconfigjson`, or the older `.dockercfg`, or one value that is such a document: registry, as it is written there, to
 * login. `auth` is decoded, and counts more than `username` and `password` beside it, as it does for Docker and the kubelet.
 */
export function dockerConfig(): Codec<Readonly<Record<string, DockerCredentials>>> {
  return codec;
}

type Json = Readonly<Record<string, unknown>>;

function registriesOf(content: SecretPayload, reference: string): Json {
  if (content.kind === "value") {
    const document = objectIn(content.bytes, reference);
    const wrapped = document[".dockerconfigjson"] ?? document[".dockercfg"];
    if (typeof wrapped !== "string") return isObject(document.auths) ? document.auths : document;
    return registriesIn(new TextEncoder().encode(wrapped), ".dockerconfigjson" in document, reference);
  }
  const current = content.fields.get(".dockerconfigjson");
  const legacy = content.fields.get(".dockercfg");
  if (current !== undefined) return registriesIn(current, true, reference);
  if (legacy !== undefined) return registriesIn(legacy, false, reference);
  throw new SecretError("INVALID_VALUE", `${reference} has neither ".dockerconfigjson" nor ".dockercfg".`, {
    reason: "field-missing",
    reference,
    tip: "Make it with kubectl create secret docker-registry.",
  });
}

function registriesIn(bytes: Uint8Array, isCurrent: boolean, reference: string): Json {
  const document = objectIn(bytes, reference);
  if (!isCurrent) return document;
  if (isObject(document.auths)) return document.auths;
  throw malformed(`${reference} has no "auths"`, reference);
}

function objectIn(bytes: Uint8Array, reference: string): Json {
  const members = [...membersOf(bytes, reference)];
  return Object.fromEntries(members.map(([name, source]) => [name, JSON.parse(source) as unknown]));
}

function credentials(entry: unknown, registry: string, reference: string): DockerCredentials {
  const problem = (what: string): SecretError =>
    malformed(`${quotedName(registry)} of ${reference} ${what}`, reference);
  if (!isObject(entry)) throw problem("is no object");
  const { auth, email } = entry;
  const login = typeof auth === "string" && auth !== "" ? loginOf(auth) : entry;
  if (login === undefined) throw problem('has an "auth" that is not the base64 of user:password');
  const { username, password } = login;
  if (typeof username !== "string" || typeof password !== "string") throw problem("holds no user name and password");
  return { username, password, ...(typeof email === "string" && email !== "" ? { email } : {}) };
}

/** The password may hold colons; Docker drops the NULs with which old versions filled it up. */
function loginOf(auth: string): { username: string; password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth.trim())) return undefined;
  const bytes = Buffer.from(auth, "base64");
  const colon = bytes.indexOf(0x3a);
  if (!isUtf8(bytes) || colon < 1) return undefined;
  let end = bytes.length;
  while (bytes[end - 1] === 0) end--;
  const text = (from: number, to: number): string => bytes.subarray(from, to).toString("utf8");
  return { username: text(0, colon), password: text(colon + 1, end) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(message: string, reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `${message}.`, {
    reason: "docker-config",
    reference,
    tip: "Make it with kubectl create secret docker-registry; a file that names a credential helper holds no login.",
  });
}
