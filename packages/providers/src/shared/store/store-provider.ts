import {
  type CallContext,
  type Finding,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type Supports,
} from "@tacit/core/provider";
import { guarded } from "../answer.ts";
import { clockFindings, collectFindings, unusedAccountToken, unverifiedFindings } from "../findings.ts";
import { RecentPaths } from "../recent-paths.ts";
import type { HttpStoreOptions } from "./options.ts";
import type { StoreApi } from "./store-api.ts";

/** What makes a provider of a store. */
export interface StoreProviderParts {
  /** The store in a sentence: `Doppler`. */
  readonly store: string;
  readonly supports: Supports;
  readonly api: StoreApi;
  readonly options: HttpStoreOptions;
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /** Asks for something that needs the login and reveals nothing. */
  check(context: CallContext): Promise<void>;
  /** What `diagnose` says beside the clock, the certificates and the paths that were asked for. */
  findings?(context: CallContext, paths: readonly string[]): Promise<readonly Finding[]>;
  /** What an operator grants for one path. */
  grantOf(path: string): string;
  /** Whether the login is the service account of the pod. */
  readonly usesServiceAccount?: boolean | undefined;
  /** The methods that a store has beside these. */
  readonly more?: Partial<Provider> | undefined;
}

/** Makes the provider of a store that is asked over HTTP; it adds what all of them say of themselves. */
export function createStoreProvider(parts: StoreProviderParts, host: ProviderHost): Provider {
  const { store, supports, api, options, check, more } = parts;
  const recent = new RecentPaths<string>(mostPaths);
  if (!options.tls.verify) host.warn("tls-unverified", unverifiedTip);
  const get = (request: ReadRequest, context: CallContext): Promise<ProviderResult> => {
    recent.add(request.path, request.path);
    return parts.get(request, context);
  };
  return guarded(
    {
      supports,
      get,
      check,
      diagnose: (context) =>
        collectFindings(
          [
            () => unverifiedFindings(options.tls, store, unverifiedTip),
            () => (parts.usesServiceAccount === true ? [] : unusedAccountToken()),
            async () => {
              await check(context);
              return clockFindings(host, api.serverTime, { store, consequence: "logins and ends of tokens go wrong" });
            },
            async () => (await parts.findings?.(context, recent.values)) ?? [],
            () => pathFindings(recent.values, parts, context),
          ],
          "store",
          context,
        ),
      close: () => api.close(),
      ...more,
    },
    host,
  );
}

/** Reading them all is what a client does when it starts. */
const mostPaths = 50;
const unverifiedTip = 'Remove "tls": { "verify": false }, and give the store\'s authority as `tls.ca`.';

/** What is missing or denied of the secrets that were asked for. */
async function pathFindings(
  paths: readonly string[],
  { get, grantOf, more }: StoreProviderParts,
  context: CallContext,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  // What issues a credential with each read is not asked for to look.
  for (const path of paths.filter((each) => more?.isDynamic?.(each) !== true)) {
    try {
      const { status } = await get({ path, version: "current" }, context);
      if (status === "not-found") found.push(missing(path, grantOf(path)));
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED", "INVALID_VALUE")) throw error;
      found.push(
        error.code === "INVALID_VALUE"
          ? { level: "error", code: "secret-unusable", message: `"${path}": ${error.message}`, tip: error.tip }
          : denied(path, grantOf(path)),
      );
    }
  }
  return found;
}

function missing(path: string, grant: string): Finding {
  return {
    level: "warning",
    code: "secret-missing",
    message: `the store has no secret "${path}", or does not show it to this login`,
    tip: `Correct the name or its binding. What the login needs: ${grant}`,
  };
}

function denied(path: string, grant: string): Finding {
  return {
    level: "error",
    code: "policy-missing",
    message: `this login may not read "${path}"`,
    tip: `Grant it: ${grant}`,
  };
}
