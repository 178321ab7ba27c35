import {
  type CallContext,
  type Lease,
  type ProviderHost,
  type ProviderResult,
  SecretError,
} from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { assertJsonAnswer, jsonAt, jsonObjectFields } from "../shared/json-content.ts";
import { membersOf } from "../shared/store/status-table.ts";
import type { StoreApi } from "../shared/store/store-api.ts";
import type { InfisicalOptions } from "./options.ts";
import type { SecretPath } from "./secret-path.ts";

/** Leases dynamic secrets. @see https://infisical.com/docs/api-reference/endpoints/dynamic-secrets/create-lease */
export class DynamicSecrets {
  readonly #api: StoreApi;
  readonly #place: { readonly projectSlug: string | undefined; readonly environmentSlug: string };
  readonly #host: Pick<ProviderHost, "clock" | "contentVersion">;

  constructor(
    api: StoreApi,
    { projectSlug, environment }: Pick<InfisicalOptions, "projectSlug" | "environment">,
    host: Pick<ProviderHost, "clock" | "contentVersion">,
  ) {
    this.#api = api;
    this.#place = { projectSlug, environmentSlug: environment };
    this.#host = host;
  }

  /** Has a credential made. */
  async issue({ folder, name }: SecretPath, context: CallContext): Promise<ProviderResult> {
    const json = { ...this.#place, path: folder, dynamicSecretName: name };
    const answer = await this.#api.find({ method: "POST", path: "/api/v1/dynamic-secrets/leases", json }, context);
    if (answer === undefined) return notFound;
    assertJsonAnswer(answer);
    const source = jsonAt(answer.text(), "/data") ?? "";
    const { id, durationMs } = this.#leaseOf(answer);
    if (!source.startsWith("{")) throw answer.malformed("a lease without a credential");
    const payload = { kind: "fields", fields: jsonObjectFields(source) } as const;
    const lease = { id: `${folder}#${id}`, durationMs, renewable: true };
    return { status: "ok", payload, version: this.#host.contentVersion(payload), lease };
  }

  /** @throws {SecretError} NOT_FOUND, definitive, for one that has ended; UNSUPPORTED `not-renewable` past its longest life */
  async renew(lease: Lease, context: CallContext): Promise<Lease> {
    const { folder, id } = partsOf(lease);
    const answer = await this.#api.find(
      {
        method: "POST",
        path: "/api/v1/dynamic-secrets/leases/{id}/renew",
        values: { id },
        json: { ...this.#place, path: folder },
        accept: [400],
      },
      context,
    );
    if (answer === undefined) throw gone();
    if (answer.status === 400) throw membersOf(answer).statusCode === 400 ? notRenewable() : answer.failure();
    return { ...lease, durationMs: this.#leaseOf(answer).durationMs };
  }

  /** Ending one that has ended succeeds. */
  async revoke(lease: Lease, context: CallContext): Promise<void> {
    const { folder, id } = partsOf(lease);
    const json = { ...this.#place, path: folder, isForced: false };
    const path = "/api/v1/dynamic-secrets/leases/{id}";
    await this.#api.find({ method: "DELETE", path, values: { id }, json }, context);
  }

  /** The term counts from the answer, by the server's clock. */
  #leaseOf(answer: HttpAnswer): { readonly id: string; readonly durationMs: number } {
    const { id, expireAt } = Object(answer.record().lease) as Readonly<Record<string, unknown>>;
    const durationMs = Date.parse(String(expireAt)) - (answer.serverTime ?? this.#host.clock.now());
    if (typeof id !== "string" || Number.isNaN(durationMs)) throw answer.malformed("no lease of Infisical");
    return { id, durationMs: Math.max(0, durationMs) };
  }
}

function partsOf({ id }: Lease): { readonly folder: string; readonly id: string } {
  const border = id.lastIndexOf("#");
  return { folder: id.slice(0, border), id: id.slice(border + 1) };
}

function gone(): SecretError {
  return new SecretError("NOT_FOUND", "Infisical no longer knows the lease", { definitive: true });
}

function notRenewable(): SecretError {
  return new SecretError("UNSUPPORTED", "Infisical no longer renews this lease", {
    reason: "not-renewable",
    tip: "It is replaced before it ends; it lasts for the maximum TTL of the dynamic secret at most.",
  });
}
