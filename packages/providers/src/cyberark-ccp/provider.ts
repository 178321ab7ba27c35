import type {
  CallContext,
  Provider,
  ProviderHost,
  ProviderResult,
  SecretPayload,
  Supports,
} from "@tacit/core/provider";
import { assertCurrent, contentResult } from "../shared/answer.ts";
import { epochDate } from "../shared/epoch-date.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { jsonObjectFields, strictRecord } from "../shared/json-content.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { connectionLogin } from "../shared/store/store-login.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { type AccountPath, parseAccountPath } from "./account-path.ts";
import { changing, meaningOf, saysMissing } from "./errors.ts";
import type { CyberarkCcpOptions } from "./options.ts";

/** What a `cyberark-ccp` provider can do. */
export const cyberarkCcpSupports: Supports = {
  payload: "fields",
  versions: false,
  subscribe: false,
  conditional: true,
  defaultPollMs: 60_000,
};

const store = "the Central Credential Provider";

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openCyberarkCcpProvider(options: CyberarkCcpOptions, host: ProviderHost): Provider {
  const { url, appId, folder, service, reason } = options;
  const api = new StoreApi({ store, url, options, login: () => connectionLogin, meaningOf, saysMissing }, host);
  /** @see https://docs.cyberark.com/credential-providers/latest/en/content/ccp/calling-the-web-service-using-rest.htm */
  const find = ({ safe, object }: AccountPath, context: CallContext): Promise<HttpAnswer | undefined> => {
    const query = { AppID: appId, Safe: safe, Folder: folder, Object: object, Reason: reason };
    return api.find({ path: "/{service}/api/Accounts", values: { service }, query }, context);
  };
  return createStoreProvider(
    {
      store,
      supports: cyberarkCcpSupports,
      api,
      options,
      async get(request, context): Promise<ProviderResult> {
        const path = parseAccountPath(request.path, options.safe);
        assertCurrent(request, `${store} returns only the current password`);
        const answer = await find(path, context);
        // It says the same of an object that the application may not know of.
        if (answer === undefined) return { status: "not-found", definitive: false };
        const { payload, createdAt } = accountOf(answer, path);
        return contentResult(payload, request, host, { createdAt });
      },
      async check(context) {
        // No question is cheaper; that nothing is there is answered to who may ask.
        await find({ safe: options.safe, object: "tacit-probe" }, context);
      },
      async identity() {
        const by = options.auth.method === "certificate" ? "its certificate" : "the address of this machine";
        return { who: `the application "${appId}" of CyberArk, identified by ${by}` };
      },
      grantOf: (path) => {
        const { safe } = parseAccountPath(path, options.safe);
        return `membership of the safe "${safe}" with "Retrieve accounts" for the application "${appId}" and for the user of the Credential Provider`;
      },
    },
    host,
  );
}

/** @throws {SecretError} UNAVAILABLE `password-change`; INTERNAL `malformed-answer` for another account */
function accountOf(
  answer: HttpAnswer,
  { safe, object }: AccountPath,
): { readonly payload: SecretPayload; readonly createdAt: Date | undefined } {
  const account = strictRecord(answer);
  if (!("PasswordChangeInProcess" in account) && !("Content" in account)) throw answer.malformed("no account");
  if (differs(account.Name, object) || differs(account.Safe, safe)) throw answer.malformed("another account");
  // Text in practice, a boolean by the manual.
  if (/^true$/i.test(String(account.PasswordChangeInProcess))) throw changing();
  const fields = new Map([...jsonObjectFields(answer.text())].filter(([name]) => !housekeeping.test(name)));
  return {
    payload: { kind: "fields", fields },
    createdAt: epochDate(account.LastSuccessChange),
  };
}

/** Whether an account says that it is another one than was asked for. Names of CyberArk are the same in capitals. */
function differs(told: unknown, wanted: string): boolean {
  return typeof told === "string" && told.toLowerCase() !== wanted.toLowerCase();
}

/** What CyberArk notes of its own work with the account: it changes while the account does not. */
const housekeeping =
  /^(PasswordChangeInProcess|CPM(Status|Disabled|ErrorDetails)|Last(Task|FailDate|Success(Change|Verification|Reconciliation))|RetriesCount|ImmediateCPMTask|SequenceID)$/;
