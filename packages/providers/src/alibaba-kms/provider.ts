import {
  type CallContext,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type Supports,
} from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import { base64Bytes } from "../shared/base64.ts";
import { AlibabaLogin, type AlibabaServers } from "../shared/cloud/alibaba-login.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { isoDate } from "../shared/iso-date.ts";
import { strictRecord } from "../shared/json-content.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { textBytes } from "../shared/text-bytes.ts";
import { KmsApi } from "./api.ts";
import { identityOf, policyOf } from "./diagnose.ts";
import { notBase64, noVersions } from "./errors.ts";
import type { AlibabaKmsOptions } from "./options.ts";
import { checkPath } from "./path.ts";

/** What an `alibaba-kms` provider can do. */
export const alibabaKmsSupports: Supports = {
  payload: "value",
  versions: true,
  subscribe: false,
  conditional: false,
  defaultPollMs: 300_000,
};

/**
 * Opens a provider; nothing is asked before the first call.
 * @param servers where keys are given; by default as Alibaba's own libraries choose them
 * @throws {SecretError} INVALID_CONFIG
 */
export function openAlibabaKmsProvider(
  options: AlibabaKmsOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  servers?: AlibabaServers,
): Provider {
  const api = new KmsApi(options, new AlibabaLogin(options.auth, environment, servers), environment, host);
  return createStoreProvider(
    {
      store: "KMS",
      supports: alibabaKmsSupports,
      api: api.store,
      options,
      get: (request, context) => read(api, request, { signal: context.signal, host }),
      async check(context) {
        // Whoever may read secrets need not be allowed to list them; a denial of this one is proof enough, too.
        await api.secret({ SecretName: "tacit-probe" }, context).catch((error: unknown) => {
          if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
        });
      },
      identity: (context) => identityOf(api, context),
      grantOf: (path, id) => policyOf(api, [path], id),
      grantsOf: (paths, id) => policyOf(api, paths, id),
      more: {
        place: (path) =>
          `secret ${JSON.stringify(path)} of KMS in ${options.instance ?? api.region ?? options.endpoint}`,
      },
    },
    host,
  );
}

async function read(
  api: KmsApi,
  { path, version }: ReadRequest,
  context: CallContext & { readonly host: Pick<ProviderHost, "clock"> },
): Promise<ProviderResult> {
  const SecretName = checkPath(path);
  const stage = version === "current" ? "ACSCurrent" : version === "previous" ? "ACSPrevious" : undefined;
  const asked = stage === undefined ? { VersionId: (version as { readonly id: string }).id } : { VersionStage: stage };
  const answer = await api.secret({ SecretName, ...asked }, context);
  if (answer === undefined) return notFound;
  const { SecretName: name, VersionId: id, VersionStages, ...body } = strictRecord(answer);
  if (name !== SecretName || typeof id !== "string" || id === "") throw answer.malformed("no version of the secret");
  // Secrets that another service manages are answered with the current version, whatever was asked for.
  const isOther =
    stage === undefined ? id !== asked.VersionId : stage === "ACSPrevious" && !stagesOf(VersionStages).includes(stage);
  if (isOther) throw noVersions();
  const rotation = isoDate(body.NextRotationDate);
  const isAhead = rotation !== undefined && rotation.getTime() > context.host.clock.now();
  return {
    status: "ok",
    payload: { kind: "value", bytes: bytesOf(body, answer) },
    version: id,
    createdAt: isoDate(body.CreateTime),
    ...(version === "current" && isAhead && { refreshAt: rotation }),
  };
}

function bytesOf(
  { SecretData: data, SecretDataType: type }: Readonly<Record<string, unknown>>,
  answer: HttpAnswer,
): Uint8Array {
  if (typeof data !== "string") throw answer.malformed("no value");
  if (type !== "binary") return textBytes(data);
  const bytes = base64Bytes(data);
  if (bytes === undefined) throw notBase64();
  return bytes;
}

function stagesOf(stages: unknown): readonly unknown[] {
  const { VersionStage: list } = Object(stages) as { readonly VersionStage?: unknown };
  return Array.isArray(list) ? list : [];
}
