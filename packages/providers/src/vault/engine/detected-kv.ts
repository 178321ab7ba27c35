import { type CallContext, isSecretError, SecretError, untilAborted } from "@tacit/core/provider";
import type { Engine, EngineContext } from "./engine.ts";
import { type KvMount, lookUpKvMount } from "./kv-mount.ts";
import { createKv1Engine } from "./kv1.ts";
import { createKv2Engine } from "./kv2.ts";

/**
 * Creates the reader of a KV mount whose version it looks up with the first read. The configured mount may be a folder of a mount,
 * such as `secret/app` in `secret`.
 */
export function createDetectedKvEngine(context: EngineContext): Engine {
  const detection = new Detection(context);
  return {
    kind: "kv",
    isDynamic: () => false,
    policyPath: (path) => detection.found?.policyPath?.(path),
    async get(request, callContext) {
      const found = await detection.find(callContext);
      try {
        return await found.get(request, callContext);
      } catch (error) {
        if (!isSecretError(error, "INVALID_CONFIG") || error.reason !== "engine") throw error;
        // The mount has been upgraded to version 2.
        detection.forget(found);
        return (await detection.find(callContext)).get(request, callContext);
      }
    },
  };
}

type Reader = Pick<Engine, "get" | "policyPath">;

class Detection {
  readonly #context: EngineContext;
  #found: Reader | undefined;
  #finding: Promise<Reader> | undefined;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get found(): Reader | undefined {
    return this.#found;
  }

  /** Returns the reader. The first reads share one lookup, which continues if one of them is aborted. */
  async find({ signal }: CallContext): Promise<Reader> {
    if (this.#found !== undefined) return this.#found;
    this.#finding ??= this.#detect({ signal: new AbortController().signal }).finally(() => {
      this.#finding = undefined;
    });
    const found = await untilAborted(this.#finding, signal);
    this.#found ??= found;
    return this.#found;
  }

  forget(found: Reader): void {
    if (this.#found === found) this.#found = undefined;
  }

  async #detect(context: CallContext): Promise<Reader> {
    const { session, mount } = this.#context;
    try {
      return this.#readerOf(await lookUpKvMount(session, mount, context));
    } catch (error) {
      throw isSecretError(error, "PERMISSION_DENIED") ? undetected(error, mount) : error;
    }
  }

  #readerOf({ isKv, keepsVersions, path }: KvMount): Reader {
    const { mount } = this.#context;
    if (!isKv) throw otherEngine(mount);
    const context = { ...this.#context, mount: path };
    const engine = keepsVersions ? createKv2Engine(context, { isKnown: true }) : createKv1Engine(context);
    const below = mount.slice(path.length + 1);
    if (below === "") return engine;
    return {
      get: (request, callContext) => engine.get({ ...request, path: `${below}/${request.path}` }, callContext),
      policyPath: (asked) => engine.policyPath?.(`${below}/${asked}`),
    };
  }
}

function undetected(cause: SecretError, mount: string): SecretError {
  return new SecretError("PERMISSION_DENIED", `the version of the KV mount "${mount}" cannot be looked up`, {
    reason: "mount-lookup",
    cause,
    tip: 'Nothing is mounted there, `namespace` is missing or wrong, or the token may read nothing below it; otherwise write "engine": "kv-v2", which needs no lookup.',
  });
}

function otherEngine(mount: string): SecretError {
  return new SecretError("INVALID_CONFIG", `the engine that is mounted at "${mount}" is not a KV engine`, {
    reason: "engine-kind",
    tip: "Declare it under `mounts`, with its `engine`, and set `mount` to a KV mount.",
  });
}
