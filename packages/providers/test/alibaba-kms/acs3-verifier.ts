import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { StoreRequest } from "../store-double.ts";

/** What a signature of version 3 is worth. */
export type Acs3Verdict = "good" | "unsigned" | "unknown-key" | "mismatch";

/**
 * Verifies the signature of a request from what came over the wire alone: its target as it was sent, the headers that it lists, and its
 * body. Shares no code with the adapter.
 * @param secretOf the secret of an access key; undefined for one that is not known
 */
export function verifyAcs3(
  { method, target, headers, body }: StoreRequest,
  secretOf: (accessKeyId: string) => string | undefined,
): Acs3Verdict {
  const [, accessKeyId = "", list = "", signature = ""] =
    /^ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  if (signature === "") return "unsigned";
  const secret = secretOf(accessKeyId);
  if (secret === undefined) return "unknown-key";
  const names = list.split(";");
  if (!required.every((name) => names.includes(name))) return "mismatch";
  const bodyHash = hash(body);
  if (headers["x-acs-content-sha256"] !== bodyHash) return "mismatch";
  const [path = "", query = ""] = target.split("?");
  const canonical = [
    method,
    path,
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map(withValue)
      .sort()
      .join("&"),
    ...names.map((name) => `${name}:${String(headers[name] ?? "").trim()}`),
    "",
    list,
    bodyHash,
  ].join("\n");
  const expected = createHmac("sha256", secret)
    .update(`ACS3-HMAC-SHA256\n${hash(canonical)}`)
    .digest();
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? "good" : "mismatch";
}

const required = [
  "host",
  "x-acs-action",
  "x-acs-content-sha256",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version",
];

function withValue(pair: string): string {
  return pair.includes("=") ? pair : `${pair}=`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
