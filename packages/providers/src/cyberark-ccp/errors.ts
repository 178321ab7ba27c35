import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { loginRefused, membersOf, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer. Its `ErrorMsg` is never shown: it quotes the query. */
export function meaningOf(answer: HttpAnswer): StatusMeaning | undefined {
  const code = codeOf(answer);
  // The web server itself refuses whoever shows no certificate that it trusts.
  if (code === undefined) return answer.status === 401 || answer.status === 403 ? refused : undefined;
  const known = meanings.find(({ codes }) => codes.test(code))?.meaning;
  return known ?? (answer.status === 403 ? denied : answer.status === 400 ? badRequest : undefined);
}

/** Whether no object of that name is in the safe, or none that the application may know of. */
export function saysMissing(answer: HttpAnswer): boolean {
  return codeOf(answer) === "APPAP004E";
}

/** The code of the provider, such as `APPAP004E`; undefined for what it has not written. */
function codeOf(answer: HttpAnswer): string | undefined {
  const { ErrorCode: code } = membersOf(answer);
  return typeof code === "string" ? code : undefined;
}

/** For an account whose password is being changed: what is answered may be the old one or the new one. */
export function changing(): SecretError {
  const { what, ...options } = inChange;
  return new SecretError("UNAVAILABLE", what, options);
}

const inChange = {
  code: "UNAVAILABLE",
  what: "the password of this account is being changed",
  reason: "password-change",
  tip: "It is read again shortly; if this persists, check the account in CyberArk.",
  scope: "path",
  retryAfterMs: 1500,
} as const satisfies StatusMeaning;

const refused = loginRefused(
  "Check `tls.certificate`, and how the Vault authenticates the application: by certificate, address, path or user.",
);

const denied = rightMissing(
  "the application may not read this account",
  "Check `appId`, and add it and the user of the Credential Provider to the safe, with the right to retrieve accounts.",
);

const ambiguous: StatusMeaning = {
  code: "INVALID_VALUE",
  what: "several accounts match",
  reason: "ambiguous",
  tip: "Give the object a unique name in the safe.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "the web service rejected the request as invalid",
  reason: "bad-request",
  tip: "Check `safe`, `folder` and the name of the object.",
  retryable: false,
};

const vaultAway: StatusMeaning = {
  code: "UNAVAILABLE",
  what: "the Credential Provider cannot reach the Vault",
  reason: "upstream",
  tip: "Check the Credential Provider and its connection to the Vault.",
};

/** @see https://docs.cyberark.com/credential-providers/latest/en/content/messages/application-password-sdk-messages.htm */
const meanings: readonly { readonly codes: RegExp; readonly meaning: StatusMeaning }[] = [
  { codes: /^APPAP(282|286)E$/, meaning: inChange },
  { codes: /^APPAP(227|228|229|230|251)E$/, meaning: ambiguous },
  { codes: /^APPAP(133|306)E$/, meaning: refused },
  { codes: /^APPAP008E$/, meaning: denied },
  { codes: /^APPAP007E$/, meaning: vaultAway },
  { codes: /^AIMWS03[01]E$/, meaning: badRequest },
];
