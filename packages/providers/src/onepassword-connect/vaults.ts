import { type CallContext, type Finding, isSecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { quoted } from "../shared/quoted.ts";
import type { StoreApi } from "../shared/store/store-api.ts";
import { tokenFindings } from "../shared/store/store-findings.ts";
import { noVault } from "./errors.ts";
import { isId } from "./item-path.ts";

/** A vault or an item in a list. */
type Listed = Readonly<Record<string, unknown>>;

/** The vaults of one token. The API asks for ids. */
export class Vaults {
  readonly #api: StoreApi;
  /** name -> id */
  readonly #ids = new Map<string, string>();

  constructor(api: StoreApi) {
    this.#api = api;
  }

  /** Returns all that the token may read. */
  async list(context: CallContext): Promise<readonly Listed[]> {
    return listOf(await this.#api.request({ path: "/v1/vaults" }, context));
  }

  /**
   * Calls with the id of a vault, and once more where it has been made anew under its name since that was looked up.
   * @throws {SecretError} INVALID_CONFIG `no-store`, and what the last call throws
   */
  async use<R>(vault: string, call: (id: string) => Promise<R>, context: CallContext): Promise<R> {
    if (isId(vault)) return call(vault);
    const known = this.#ids.get(vault);
    if (known === undefined) return call(await this.#lookUp(vault, context));
    try {
      return await call(known);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isSecretError(error, "PERMISSION_DENIED", "INTERNAL")) throw error;
      const id = await this.#lookUp(vault, context);
      if (id === known) throw error;
      return call(id);
    }
  }

  async #lookUp(vault: string, context: CallContext): Promise<string> {
    // The manual filters by name, the SDKs by title: a token reads so few that none is needed.
    const found = (await this.list(context)).filter(({ name }) => name === vault);
    const id = found[0]?.id;
    if (found.length !== 1 || typeof id !== "string") throw noVault(found.length);
    this.#ids.set(vault, id);
    return id;
  }
}

/** Reads a list of vaults or items. @throws {SecretError} INTERNAL `malformed-answer` */
export function listOf(answer: HttpAnswer): readonly Listed[] {
  const list = answer.json();
  if (!Array.isArray(list)) throw answer.malformed("no list");
  return list.map((each) => Object(each) as Listed);
}

/** Tells what the token may read: whoever has it reads all of that. */
export function vaultFindings(vaults: readonly Listed[]): readonly Finding[] {
  const names = vaults.map(({ name }) => quoted(name));
  const tip = "Create a token with read access to the one vault of this application.";
  const wide = { code: "token-wide", message: "the token reads more than one vault", tip };
  return tokenFindings(`the token reads the vaults ${names.join(", ")}`, names.length > 1 ? wide : undefined);
}
