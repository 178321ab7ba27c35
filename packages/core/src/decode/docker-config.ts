import { isUtf8 } from "node:buffer";
import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { quotedName } from "../name/listed-names.ts";
import { base64Bytes } from "./base64-bytes.ts";
import type { Codec, Decoded } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { stringOf } from "./text.ts";
import { membersOf } from "./text-fields.ts";

/** The login of one registry. */
export interface DockerCredentials {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
}

const codec = ownCodec<Readonly<Record<string, DockerCredentials>>>({
  kind: "object",
  decode(content, { reference }): Decoded<Readonly<Record<string, DockerCredentials>>> {
    const registries = Object.entries(registriesOf(content, reference));
    const logins = registries.flatMap(([registry, entry]) => {
      const login = credentials(entry, registry, reference);
      return login === undefined ? [] : [[registry, Object.freeze(login)] as const];
    });
    if (logins.length === 0 && registries.length > 0)
      throw malformed(`no registry of "${reference}" has a login`, reference);
    // fromEntries defines own properties, so that a registry named __proto__ is only a key
    return { kind: "value", value: Object.freeze(Object.fromEntries(logins)) };
  },
});

/**
 * Reads `.dockerconfigjson`, the older `.dockercfg`, or one value that is such a document, by the rules of the kubelet. The
 * result maps each registry, as written, to its login. `auth` takes precedence over `username` and `password`, and a registry
 * without a login is omitted.
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
  throw new SecretError("INVALID_VALUE", `"${reference}" has neither ".dockerconfigjson" nor ".dockercfg"`, {
    reason: "field-missing",
    reference,
    tip: "Create it with kubectl create secret docker-registry.",
  });
}

function registriesIn(bytes: Uint8Array, isCurrent: boolean, reference: string): Json {
  const document = objectIn(bytes, reference);
  if (!isCurrent) return document;
  if (isObject(document.auths)) return document.auths;
  throw malformed(`"${reference}" has no "auths"`, reference);
}

function objectIn(bytes: Uint8Array, reference: string): Json {
  const members = [...membersOf(bytes, reference)];
  return Object.fromEntries(members.map(([name, source]) => [name, JSON.parse(source) as unknown]));
}

/** Returns the login of an entry; undefined if it has none, as `docker login` writes it with a credential helper. */
function credentials(entry: unknown, registry: string, reference: string): DockerCredentials | undefined {
  const subject = `${quotedName(registry)} of "${reference}"`;
  if (entry === null) return undefined;
  if (!isObject(entry)) throw malformed(`${subject} is not an object`, reference);
  const auth = textIn(entry, "auth", subject, reference);
  const email = textIn(entry, "email", subject, reference);
  const login =
    auth === ""
      ? {
          username: textIn(entry, "username", subject, reference),
          password: textIn(entry, "password", subject, reference),
        }
      : loginIn(auth);
  if (login === undefined)
    throw malformed(`${subject} has an "auth" that is not the base64 of user:password`, reference);
  const { username, password } = login;
  if (username === "" && password === "" && auth === "") return undefined;
  if (username === "" || password === "") throw halfLogin(subject, entry, reference);
  return { username, password, ...(email === "" ? {} : { email }) };
}

/** Returns a text member; an absent member counts as empty, as the kubelet treats it. */
function textIn(entry: Json, name: string, subject: string, reference: string): string {
  const text = entry[name] ?? "";
  if (typeof text === "string") return text;
  throw malformed(`${quotedName(name)} of ${subject} is not text`, reference);
}

/** Parses `auth`. The password may contain colons; trailing NULs, with which old versions of Docker padded it, are dropped. */
function loginIn(auth: string): { username: string; password: string } | undefined {
  const bytes = base64Bytes(auth, "standard");
  if (bytes === undefined || !isUtf8(bytes)) return undefined;
  const colon = bytes.indexOf(0x3a);
  if (colon === -1) return undefined;
  let end = bytes.length;
  while (bytes[end - 1] === 0) end--;
  return { username: stringOf(bytes.subarray(0, colon)), password: stringOf(bytes.subarray(colon + 1, end)) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function halfLogin(subject: string, entry: Json, reference: string): SecretError {
  const hasToken = typeof entry.identitytoken === "string" && entry.identitytoken !== "";
  return new SecretError("INVALID_VALUE", `${subject} has an empty user name or password`, {
    reason: "empty",
    reference,
    tip: hasToken
      ? "Its identity token is not read, as the kubelet does not read it: store a user name and a password."
      : "Store both, as kubectl create secret docker-registry does.",
  });
}

function malformed(message: string, reference: string): SecretError {
  return new SecretError("INVALID_VALUE", message, {
    reason: "docker-config",
    reference,
    tip: "Create it with kubectl create secret docker-registry; a file with a credential helper contains no login.",
  });
}
