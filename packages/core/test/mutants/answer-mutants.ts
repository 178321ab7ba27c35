import { createHash, randomBytes } from "node:crypto";
import type { Provider, SecretPayload } from "../../src/contract/contract.ts";
import { answering, type Mutant, mapBytes, readingAt, rekeying, retyping, rewriting, textOf } from "./mutant.ts";

const both = (id: string): string[] => [`round-trip.value.${id}`, `round-trip.fields.${id}`];
const md5 = (payload: SecretPayload, encoding: "hex" | "base64"): string =>
  createHash("md5").update(textOf(payload)).digest(encoding);

/** Adapters that answer something else than what the store holds. */
export const answerMutants: readonly Mutant[] = [
  {
    name: "decodes bytes as UTF-8",
    caughtBy: both("all-bytes"),
    provider: rewriting((bytes) => Buffer.from(Buffer.from(bytes).toString())),
  },
  {
    name: "drops a byte order mark",
    caughtBy: both("byte-order-mark"),
    provider: rewriting((bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes))),
  },
  { name: "decodes bytes as Latin-1", caughtBy: both("unicode"), provider: retyping((text) => text) },
  {
    name: "trims the end",
    caughtBy: [...both("trailing-newline"), ...both("trailing-crlf")],
    provider: retyping((text) => text.trimEnd()),
  },
  { name: "trims the start", caughtBy: both("outer-space"), provider: retyping((text) => text.trimStart()) },
  {
    name: "takes an empty value for a missing one",
    caughtBy: both("empty"),
    provider: answering((result) =>
      textOf(result.payload) === "" ? { status: "not-found", definitive: true } : result,
    ),
  },
  { name: "reads the first 32 KiB", caughtBy: both("64-kib"), provider: rewriting((bytes) => bytes.slice(0, 32768)) },
  {
    name: "expands variables",
    caughtBy: both("shell"),
    provider: retyping((text) => text.replaceAll("$HOME", "/root")),
  },
  {
    name: "prints JSON anew",
    caughtBy: both("json"),
    provider: retyping((text) => (text.startsWith("{") ? JSON.stringify(JSON.parse(text), null, 1) : text)),
  },
  {
    name: "takes JSON in a value for fields",
    caughtBy: ["round-trip.value.json"],
    provider: answering((result) => {
      const text = textOf(result.payload);
      return text.startsWith("{")
        ? { ...result, payload: { kind: "fields", fields: new Map([["s3cret", Buffer.from(text)]]) } }
        : result;
    }),
  },
  {
    name: "unwraps a single field",
    caughtBy: ["round-trip.kind.fields-1"],
    provider: answering((result) => {
      const [only, ...others] = result.payload.kind === "fields" ? [...result.payload.fields.values()] : [];
      return only && others.length === 0 ? { ...result, payload: { kind: "value", bytes: only } } : result;
    }),
  },
  {
    name: "packs several fields into one value",
    caughtBy: ["round-trip.kind.fields-2", "round-trip.kind.fields-20"],
    provider: answering((result) => ({
      ...result,
      payload: { kind: "value", bytes: Buffer.from(textOf(result.payload)) },
    })),
  },
  {
    name: "turns dots into underscores",
    caughtBy: ["round-trip.key.dot"],
    provider: rekeying((key) => key.replaceAll(".", "_")),
  },
  {
    name: "keeps the last step of a key",
    caughtBy: ["round-trip.key.slash"],
    provider: rekeying((key) => key.split("/").at(-1)),
  },
  {
    name: "turns dashes into underscores",
    caughtBy: ["round-trip.key.dash"],
    provider: rekeying((key) => key.replaceAll("-", "_")),
  },
  {
    name: "strips leading underscores",
    caughtBy: ["round-trip.key.underscore", "round-trip.key.proto"],
    provider: rekeying((key) => key.replace(/^_+/, "")),
  },
  {
    name: "drops keys beyond ASCII",
    caughtBy: ["round-trip.key.unicode"],
    provider: rekeying((key) => (/^[\x20-\x7e]+$/.test(key) ? key : undefined)),
  },
  {
    name: "drops keys that objects inherit",
    caughtBy: ["round-trip.key.constructor", "round-trip.key.to-string"],
    provider: rekeying((key) => (key in {} ? undefined : key)),
  },
  {
    name: "never changes the version",
    caughtBy: ["versions.update", "versions.fields"],
    provider: answering((result) => ({ ...result, version: "1" })),
  },
  {
    name: "makes a version up for each read",
    caughtBy: ["versions.stable", "versions.not-modified", "versions.previous"],
    provider: answering((result) => ({ ...result, version: randomBytes(8).toString("hex") })),
  },
  {
    name: "takes the length for the version",
    caughtBy: ["versions.update"],
    provider: answering((result) => ({ ...result, version: `${textOf(result.payload).length}` })),
  },
  {
    name: "takes the keys for the version",
    caughtBy: ["versions.fields"],
    provider: answering((result) => ({
      ...result,
      version: result.payload.kind === "fields" ? [...result.payload.fields.keys()].join() : result.version,
    })),
  },
  {
    name: "takes the md5 in hex for the version",
    caughtBy: ["leaks.metadata"],
    provider: answering((result) => ({ ...result, version: md5(result.payload, "hex") })),
  },
  {
    name: "takes half an md5 in base64 for the version",
    caughtBy: ["leaks.metadata"],
    provider: answering((result) => ({ ...result, version: md5(result.payload, "base64").slice(0, 12) })),
  },
  {
    name: "puts the value into a label",
    caughtBy: ["leaks.metadata"],
    provider: answering((result) => ({ ...result, labels: { preview: textOf(result.payload).slice(-12) } })),
  },
  { name: "shares the bytes of all answers", caughtBy: ["concurrency.private-bytes"], provider: sharingBytes },
  { name: "shares bytes between providers", caughtBy: ["concurrency.providers"], provider: sharingBytes },
  {
    name: "answers views over a pool",
    caughtBy: ["concurrency.private-bytes"],
    provider: answering((result) => ({
      ...result,
      payload: mapBytes(result.payload, (bytes) => Buffer.from(Buffer.from(bytes).toString("latin1"), "latin1")),
    })),
  },
  {
    name: "resolves parent steps",
    caughtBy: ["names.parent"],
    provider: readingAt((path) => (path.includes("..") ? path.replace(/(x\/)?\.\.\/|\/\.\.$|^\.\.$/g, "") : path)),
  },
  {
    name: "strips a leading slash",
    caughtBy: ["names.absolute"],
    provider: readingAt((path) => path.replace(/^\/+/, "")),
  },
  {
    name: "takes a backslash for a slash",
    caughtBy: ["names.backslash"],
    provider: readingAt((path) => path.replaceAll("\\", "/").replace(/^x\/\.\.\/|^\.\.\//, "")),
  },
  {
    name: "takes an empty path for the root",
    caughtBy: ["names.empty"],
    provider: readingAt((path) => (path === "" ? "app" : path)),
  },
  {
    name: "stops at a NUL",
    caughtBy: ["names.nul"],
    provider: readingAt((path) => path.split("\0").find((part) => part !== "") ?? path),
  },
  {
    name: "decodes percent signs",
    caughtBy: ["names.percent"],
    provider: readingAt((path) => decodeURIComponent(path)),
  },
  { name: "trims a path", caughtBy: ["names.control"], provider: readingAt((path) => path.trim()) },
  {
    name: "keeps secrets on an object",
    caughtBy: ["names.inherited"],
    provider: (provider) => ({
      ...provider,
      get: async (request, context) =>
        request.path in {} ? Promise.reject(new TypeError("not a payload")) : provider.get(request, context),
    }),
  },
];

/** path and version -> the payload that every caller gets */
const shared = new Map<string, SecretPayload>();

function sharingBytes(provider: Provider): Provider {
  return {
    ...provider,
    async get(request, context) {
      const result = await provider.get(request, context);
      if (result.status !== "ok") return result;
      const key = `${request.path} ${result.version}`;
      const payload = shared.get(key) ?? result.payload;
      shared.set(key, payload);
      return { ...result, payload };
    },
  };
}
