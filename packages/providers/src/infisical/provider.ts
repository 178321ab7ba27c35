import type { CallContext, Provider, ProviderHost, ProviderResult, Supports } from "@tacit/core/provider";
import { assertCurrent } from "../shared/answer.ts";
import { quoted } from "../shared/quoted.ts";
import { type LoginParts, StoreApi } from "../shared/store/store-api.ts";
import type { StoreLogin } from "../shared/store/store-login.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { DynamicSecrets } from "./dynamic.ts";
import { meaningOf, noSlug, saysMissing } from "./errors.ts";
import { createLogin } from "./login.ts";
import type { InfisicalOptions } from "./options.ts";
import { answerVersion, type SecretVersion, toSecretVersion } from "./secret.ts";
import { parseSecretPath, type SecretPath } from "./secret-path.ts";

/** What an `infisical` provider with these options can do. */
export function infisicalSupports({ projectSlug }: Pick<InfisicalOptions, "projectSlug">): Supports {
  return {
    payload: projectSlug === undefined ? "value" : "both",
    versions: true,
    subscribe: false,
    conditional: true,
    ...(projectSlug !== undefined && { leases: true }),
    defaultPollMs: 60_000,
  };
}

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openInfisicalProvider(
  options: InfisicalOptions,
  host: ProviderHost,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  const { url, auth, project, environment, projectSlug } = options;
  const login = (parts: LoginParts): StoreLogin => createLogin(auth, variables, parts);
  const api = new StoreApi({ store: "Infisical", url, options, login, meaningOf, saysMissing }, host);
  const dynamic = new DynamicSecrets(api, options, host);
  const place = { workspaceId: project, environment };
  /** @see https://infisical.com/docs/api-reference/endpoints/secrets/read */
  const readVersion = async (
    { folder, name }: SecretPath,
    version: number | undefined,
    context: CallContext,
  ): Promise<SecretVersion | undefined> => {
    const query = {
      ...place,
      secretPath: folder,
      viewSecretValue: true,
      expandSecretReferences: true,
      // The manual writes it like this, the SDK like that.
      include_imports: true,
      includeImports: true,
      version,
    };
    const answer = await api.find({ path: "/api/v3/secrets/raw/{name}", values: { name }, query }, context);
    return answer === undefined ? undefined : toSecretVersion(answer, name, host);
  };
  return createStoreProvider(
    {
      store: "Infisical",
      supports: infisicalSupports(options),
      api,
      options,
      async get(request, context): Promise<ProviderResult> {
        const path = parseSecretPath(request.path);
        if (!path.isDynamic) return answerVersion(request, (version) => readVersion(path, version, context));
        assertCurrent(request, "a dynamic secret has no versions");
        if (projectSlug === undefined) throw noSlug();
        return dynamic.issue(path, context);
      },
      more: {
        isDynamic: (path) => path.startsWith("dynamic/"),
        ...(projectSlug !== undefined && {
          renew: (lease, context) => dynamic.renew(lease, context),
          revoke: (lease, context) => dynamic.revoke(lease, context),
        }),
      },
      async check(context) {
        await api.request({ path: "/api/v1/folders", query: { ...place, path: "/" } }, context);
      },
      ...("identityId" in auth && {
        identity: async () => ({ who: `the machine identity ${quoted(auth.identityId)} of Infisical` }),
      }),
      grantOf: (path) => {
        const { folder, isDynamic } = parseSecretPath(path);
        const right = isDynamic ? "Lease on dynamic secrets" : "Read Value on secrets";
        return `a role with ${right} of the environment "${environment}" and the path "${folder}"`;
      },
    },
    host,
  );
}
