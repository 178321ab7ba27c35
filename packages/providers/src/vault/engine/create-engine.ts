import { createCubbyholeEngine } from "./cubbyhole.ts";
import { createDatabaseEngine } from "./database.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { createGenericEngine } from "./generic.ts";
import { createKv1Engine } from "./kv1.ts";
import { createKv2Engine } from "./kv2.ts";
import type { EngineOptions } from "./options.ts";
import { createPkiEngine } from "./pki.ts";
import { createTransitEngine } from "./transit.ts";

/** Creates the engine of one mount. Performs no I/O. */
export function createEngine(options: EngineOptions, context: EngineContext): Engine {
  switch (options.engine) {
    case "kv-v1":
      return createKv1Engine(context);
    case "kv-v2":
      return createKv2Engine(context);
    case "database":
      return createDatabaseEngine(context);
    case "pki":
      return createPkiEngine(context, options);
    case "transit":
      return createTransitEngine(context, options);
    case "cubbyhole":
      return createCubbyholeEngine(context);
    case "generic":
      return createGenericEngine(context, options);
  }
}
