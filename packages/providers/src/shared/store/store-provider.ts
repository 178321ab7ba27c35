import {
  type CallContext,
  type Finding,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type SecretError,
  type Supports,
} from "@tacit/core/provider";
import { guarded } from "../answer.ts";
import { clockFindings, collectFindings, unusedAccountToken, unverifiedFindings } from "../findings.ts";
import { RecentPaths } from "../recent-paths.ts";
import { readsServiceAccount } from "../service-account.ts";
import type { HttpStoreOptions } from "./options.ts";
import type { StoreApi } from "./store-api.ts";
import { identityFinding, nameFinding, pathFindings, privilegeFindings, type StoreIdentity } from "./store-findings.ts";

/** The parts of a provider. */
export interface StoreProviderParts {
  /** The name of the store within a sentence: `Doppler`. */
  readonly store: string;
  readonly supports: Supports;
  readonly api: StoreApi;
  readonly options: HttpStoreOptions & { readonly auth: object };
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /** Sends a request that requires the login and returns no secret. */
  check(context: CallContext): Promise<void>;
  /** Returns the identity of this process at the store, if the store reveals it. */
  identity?(context: CallContext): Promise<StoreIdentity>;
  /** Returns further findings for `diagnose`, besides those about clock, certificates and paths. */
  findings?(context: CallContext, paths: readonly string[]): Promise<readonly Finding[]>;
  /** Returns the permission that reading a path requires, to copy. @param id the name of the identity in a grant, if it is known */
  grantOf(path: string, id?: string): string;
  /** Returns the permissions that reading several paths requires, for a store with `identity`. Default: those of each path. */
  grantsOf?(paths: readonly string[], id?: string): string;
  /** Further methods of the provider, which take precedence. */
  readonly more?: Partial<Provider> | undefined;
}

/** Creates the provider of a store that is read over HTTP, with the warnings and findings that all of them share. */
export function createStoreProvider(parts: StoreProviderParts, host: ProviderHost): Provider {
  const { store, supports, api, options, check, more } = parts;
  /** path -> the error of an invalid path; undefined for a valid one */
  const recent = new RecentPaths<SecretError | undefined>(mostPaths);
  const paths = (): readonly string[] => recent.entries.flatMap(([path, fault]) => (fault === undefined ? [path] : []));
  if (!options.tls.verify) host.warn("tls-unverified", unverifiedTip);
  const get = async (request: ReadRequest, context: CallContext): Promise<ProviderResult> => {
    recent.add(request.path, undefined);
    try {
      return await parts.get(request, context);
    } catch (error) {
      if (isSecretError(error, "INVALID_NAME")) recent.add(request.path, error);
      throw error;
    }
  };
  const getMany = more?.getMany && noted(more.getMany, recent);
  return guarded(
    {
      supports,
      get,
      check,
      diagnose(context) {
        let identity: StoreIdentity | undefined;
        const granted = (path: string): string => parts.grantOf(path, identity?.id);
        return collectFindings(
          [
            () => unverifiedFindings(options.tls, store, unverifiedTip),
            () => (readsServiceAccount(options.auth) ? [] : unusedAccountToken()),
            async () => {
              await check(context);
              return clockFindings(host, api.serverTime, { store, consequence: "logins and token expiry fail" });
            },
            async () => {
              identity = await parts.identity?.(context);
              return identity === undefined ? [] : [identityFinding(identity)];
            },
            async () => (await parts.findings?.(context, paths())) ?? [],
            () => (identity === undefined ? [] : privilegeFindings(grantsOf(parts, paths(), identity))),
            () => recent.entries.flatMap(([path, fault]) => (fault === undefined ? [] : [nameFinding(path, fault)])),
            () => pathFindings(paths(), { ...parts, grantOf: granted, isDynamic: more?.isDynamic }, context),
          ],
          "store",
          context,
        );
      },
      close: () => api.close(),
      ...more,
      ...(getMany !== undefined && { getMany }),
    },
    host,
  );
}

/** Wraps `getMany` so that its paths are recorded for `diagnose`. */
function noted(
  getMany: NonNullable<Provider["getMany"]>,
  recent: RecentPaths<SecretError | undefined>,
): NonNullable<Provider["getMany"]> {
  return async (requests, context) => {
    for (const { path } of requests) recent.add(path, undefined);
    const members = await getMany(requests, context);
    for (const [at, { path }] of requests.entries()) {
      const member = members[at];
      if (isSecretError(member, "INVALID_NAME")) recent.add(path, member);
    }
    return members;
  };
}

/** Limits the reads of one `diagnose`. */
const mostPaths = 50;
const unverifiedTip = 'Remove "tls": { "verify": false }, and set `tls.ca` to the certificate authority of the store.';

function grantsOf(
  { grantOf, grantsOf: all }: StoreProviderParts,
  paths: readonly string[],
  { id }: StoreIdentity,
): string {
  if (paths.length === 0) return "";
  return all?.(paths, id) ?? [...new Set(paths.map((path) => grantOf(path, id)))].join("\n");
}
