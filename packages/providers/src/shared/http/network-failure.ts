import type { SecretError } from "@tacit/core/provider";
import { type Advice, callFailure, errorCode, type RequestLabel } from "./failure.ts";

/** Converts an error of the network, TLS, the HTTP parser or a decoder. Only its code is used. */
export function networkFailure(label: RequestLabel, error: unknown): SecretError {
  const code = errorCode(error);
  const { what, ...advice } = causes.find(({ codes }) => codes.test(code)) ?? unforeseen;
  return callFailure(label, `failed: ${what}`, advice, code);
}

/** Returns the error of a proxy that does not open a tunnel: CONNECT failed, or was answered with anything but 200. */
export function proxyFailure(label: RequestLabel, error: unknown): SecretError {
  return callFailure(label, "failed: the proxy opened no tunnel", proxyAdvice, errorCode(error));
}

interface Cause extends Advice {
  readonly codes: RegExp;
  readonly what: string;
}

const proxyAdvice: Advice = {
  reason: "proxy",
  tip: "Check the proxy's address and login, and whether it allows this host and port.",
};
const connection = "Check the host and port of the URL, and that this machine can reach them.";

/** The meanings of Node's error codes; the first match applies. */
const causes: readonly Cause[] = [
  {
    codes: /^(ENOTFOUND|EAI_\w+)$/,
    what: "its host name cannot be resolved",
    reason: "dns",
    tip: "Check the host of the URL and the name servers of this machine.",
  },
  {
    // ENOENT: a unix socket that does not exist.
    codes: /^(ECONNREFUSED|ENOENT)$/,
    what: "nothing listens there",
    reason: "connection-refused",
    tip: connection,
  },
  {
    codes: /^(E(HOST|NET)UNREACH|E(HOST|NET)DOWN|EADDRNOTAVAIL|EACCES|EPERM)$/,
    what: "it cannot be reached from here",
    reason: "unreachable",
    tip: connection,
  },
  {
    codes: /^ERR_ACCESS_DENIED$/,
    what: "the permissions of the runtime deny it",
    reason: "unreachable",
    tip: "Start Node with --allow-net, or Deno with --allow-net for the store's host.",
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_\w+)$/,
    what: "the connection was lost",
    reason: "connection-reset",
    tip: connection,
  },
  { codes: /^ETIMEDOUT$/, what: "the network did not respond", reason: "timeout", tip: connection },
  {
    codes: /^E[MN]FILE$/,
    what: "too many files and sockets are open",
    reason: "too-many-open-files",
    tip: "Raise the limit of open files, or find out what keeps them open.",
  },
  {
    codes:
      /^(ERR_(TLS|SSL|OSSL)_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|EPROTO)/,
    what: "the TLS handshake failed",
    reason: "tls",
    tip: 'Check that TLS is spoken at that port, and "tls": the authority of the store\'s certificate, its server name, and the client certificate if one is requested.',
  },
  {
    // Codes of the HTTP parser and of zlib.
    codes: /^(HPE_|Z_)/,
    what: "the answer is malformed",
    code: "INTERNAL",
    reason: "malformed-answer",
    tip: "Check that the URL leads to the store, and that it speaks HTTP/1.1.",
  },
];

const unforeseen: Cause = {
  codes: /^/,
  what: "for an unexpected reason",
  code: "INTERNAL",
  reason: "unexpected",
  tip: "Report it, with the scrubbed cause.",
};
