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

/** What makes a provider of a store. */
export interface StoreProviderParts {
  /** The store in a sentence: `Doppler`. */
  readonly store: string;
  readonly supports: Supports;
  readonly api: StoreApi;
  readonly options: HttpStoreOptions & { readonly auth: object };
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /** Asks for something that needs the login and reveals nothing. */
  check(context: CallContext): Promise<void>;
  /** Whom the store takes this process for, where it can be told. */
  identity?(context: CallContext): Promise<StoreIdentity>;
  /** What `diagnose` says beside the clock, the certificates and the paths that were asked for. */
  findings?(context: CallContext, paths: readonly string[]): Promise<readonly Finding[]>;
  /** What an operator grants for one path. @param id of the identity, once it is known */
  grantOf(path: string, id?: string): string;
  /** What grants several paths, which is told where there is an identity; by default what grants each. */
  grantsOf?(paths: readonly string[], id?: string): string;
  /** The methods that a store has beside these. */
  readonly more?: Partial<Provider> | undefined;
}

/** Makes the provider of a store that is asked over HTTP; it adds what all of them say of themselves. */
export function createStoreProvider(parts: StoreProviderParts, host: ProviderHost): Provider {
  const { store, supports, api, options, check, more } = parts;
  /** path -> why the store cannot hold it; undefined where it can */
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

/** The same call, after which it is known what was asked for. */
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

/** Reading them all is what a client does when it starts. */
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
