import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import { base64Bytes } from "../shared/base64.ts";
import { type GoogleLogin, googleTokens } from "../shared/cloud/google-login.ts";
import { crc32c } from "../shared/crc32c.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { strictRecord } from "../shared/json-content.ts";
import { statusError } from "../shared/store/status-table.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { corrupted, meaningOf, saysMissing, unusableVersion, versionState } from "./errors.ts";
import type { GcpSecretManagerOptions } from "./options.ts";

/** The value of one version. */
export interface SecretVersion {
  /** Counts from 1 within a secret, and anew where one is made again under its name. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Secret Manager, as one project of it is asked. */
export class SecretManagerApi {
  /** `projects/orders`, or `projects/orders/locations/europe-west3`. */
  readonly parent: string;
  readonly store: StoreApi;

  /** @throws {SecretError} INVALID_CONFIG for an address that cannot be used, and `project` where nothing says it */
  constructor(options: GcpSecretManagerOptions, login: GoogleLogin, environment: Environment, host: ProviderHost) {
    const { project = environment.GOOGLE_CLOUD_PROJECT, location, endpoint } = options;
    if (!project) throw noProject();
    const region = location === undefined ? "" : `.${location}.rep`;
    this.parent = `projects/${project}${location === undefined ? "" : `/locations/${location}`}`;
    this.store = new StoreApi(
      {
        store: "Secret Manager",
        url: endpoint ?? `https://secretmanager${region}.googleapis.com`,
        options,
        login: () => googleTokens(login, host),
        meaningOf,
        saysMissing,
      },
      host,
    );
  }

  /**
   * Reads a version; undefined where there is none, or where it was destroyed. What does not fit its checksum is read once more.
   * @param version a number or an alias; undefined for the newest, whatever its state
   * @throws {SecretError} PERMISSION_DENIED `version-disabled`, UNAVAILABLE `version-unusable`, INVALID_VALUE `checksum`, and
   * what a request throws
   */
  async access(name: string, version: string | undefined, context: CallContext): Promise<SecretVersion | undefined> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const answer = await this.#ask(name, version ?? "latest", context);
      if (answer === undefined) return undefined;
      const read = versionIn(answer, name);
      if (read !== undefined) return read;
    }
    throw corrupted(name);
  }

  /** Returns which of these permissions the identity has on a secret. None where there is no such secret. */
  async permissions(name: string, permissions: readonly string[], context: CallContext): Promise<ReadonlySet<string>> {
    const answer = await this.store.request(
      {
        method: "POST",
        path: "/v1/{+parent}/secrets/{name}:testIamPermissions",
        values: { parent: this.parent, name },
        json: { permissions },
        replayable: true,
        accept: [403, 404],
      },
      context,
    );
    const granted = answer.status === 200 ? answer.record().permissions : [];
    return new Set(Array.isArray(granted) ? granted.map(String) : []);
  }

  async #ask(name: string, version: string, context: CallContext): Promise<HttpAnswer | undefined> {
    const request = {
      path: "/v1/{+parent}/secrets/{name}/versions/{version}:access",
      values: { parent: this.parent, name, version },
    };
    const answer = await this.store.find({ ...request, accept: [400] }, context);
    if (answer?.status !== 400) return answer;
    const state = versionState(answer);
    if (state === "destroyed") return undefined;
    const meaning = state === undefined ? meaningOf(answer) : unusableVersion(name, state);
    throw meaning === undefined ? answer.failure() : statusError("Secret Manager", answer, request, meaning);
  }
}

/** Undefined where the bytes do not fit their checksum, which the official client does not look at. */
function versionIn(answer: HttpAnswer, name: string): SecretVersion | undefined {
  const { name: fullName, payload } = strictRecord(answer);
  const [, secret, number] = /\/secrets\/([^/]+)\/versions\/([1-9]\d*)$/.exec(String(fullName)) ?? [];
  if (secret !== name || typeof payload !== "object" || payload === null) throw answer.malformed("no version of it");
  // Empty bytes and a checksum of zero are left out of JSON, as all defaults are.
  const { data = "", dataCrc32c: sum } = payload as { readonly data?: unknown; readonly dataCrc32c?: unknown };
  const bytes = base64Bytes(data);
  if (bytes === undefined) throw answer.malformed("a value that is not base64");
  return sum === undefined || String(sum) === `${crc32c(bytes)}` ? { number: Number(number), bytes } : undefined;
}

function noProject(): SecretError {
  return new SecretError("INVALID_CONFIG", "the Google Cloud project of the secrets is not set", {
    reason: "project",
    tip: "Set the option `project`, or GOOGLE_CLOUD_PROJECT.",
  });
}
