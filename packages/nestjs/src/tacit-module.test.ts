import "reflect-metadata";
import { Controller, Get, type INestApplicationContext, Module, type Type } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  createSecrets,
  type Declarations,
  type Declared,
  declareSecrets,
  type SecretsOf,
  type SecretWatch,
} from "@tacit/core";
import { afterEach, describe, expect, test } from "vitest";
import { memoryStore } from "../test/memory-store.ts";
import { InjectSecret, InjectSecrets } from "./inject-secret.ts";
import { getSecretsToken, getSecretToken } from "./injection-tokens.ts";
import { TacitModule } from "./tacit-module.ts";
import type { TacitClientOptions } from "./tacit-options.ts";

const declared = declareSecrets({
  db: { ref: "db/primary" },
  stripe: { ref: "stripe/key" },
  maybe: { ref: "maybe", optional: true },
});
const values = { "db/primary": "s3cret-fixture-db", "stripe/key": "s3cret-fixture-stripe" };

const applications: INestApplicationContext[] = [];
const clients: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of [...applications.splice(0), ...clients.splice(0)]) await one.close();
});

/** A client of the test's own: one that an application made lives on where another provider fails the start. */
function given<D extends Declarations>(declare: Declared<D>, values: Readonly<Record<string, string>>) {
  const secrets = createSecrets({ declare, ...memoryStore(values).options });
  clients.push(secrets);
  return { secrets, declare };
}

function moduleOf(metadata: Parameters<typeof Module>[0]): Type {
  class AnyModule {}
  Module(metadata)(AnyModule);
  return AnyModule;
}

async function start(imports: NonNullable<Parameters<typeof Module>[0]["imports"]>, providers: Type[] = []) {
  const module = moduleOf({ imports, providers });
  const application = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  applications.push(application);
  return application;
}

class Users {
  readonly db: SecretWatch;
  readonly atStart: string;
  constructor(db: SecretWatch) {
    this.db = db;
    this.atStart = db.latest.reveal();
  }
}
InjectSecret("db")(Users, undefined, 0);

describe("forRoot", () => {
  test("injects watches that can be read in a constructor", async () => {
    const application = await start(
      [TacitModule.forRoot({ declare: declared, ...memoryStore(values).options })],
      [Users],
    );
    expect(application.get(Users).atStart).toBe("s3cret-fixture-db");
    const maybe = application.get<SecretWatch<string | undefined>>(getSecretToken("maybe"));
    expect(maybe.latest).toBeUndefined();
  });

  test("injects the client, ready, into factories of every module", async () => {
    const pool = {
      provide: "pool",
      inject: [getSecretsToken()],
      useFactory: (secrets: SecretsOf<typeof declared>) => `pool of ${secrets.latest("db").reveal()}`,
    };
    const application = await start([
      moduleOf({ providers: [pool] }),
      TacitModule.forRoot({ declare: declared, ...memoryStore(values).options }),
    ]);
    expect(application.get("pool")).toBe("pool of s3cret-fixture-db");
  });

  test("injects into properties", async () => {
    class Payments {
      declare readonly secrets: SecretsOf<typeof declared>;
      declare readonly stripe: SecretWatch;
    }
    InjectSecrets()(Payments.prototype, "secrets");
    InjectSecret("stripe")(Payments.prototype, "stripe");
    const root = TacitModule.forRoot({ declare: declared, ...memoryStore(values).options });
    const { secrets, stripe } = (await start([root], [Payments])).get(Payments);
    expect(stripe.latest).toBe(secrets.latest("stripe"));
  });

  test("injects watches where it is imported only, unless it is global", async () => {
    const feature = moduleOf({ providers: [Users] });
    await expect(start([TacitModule.forRoot(given(declared, values)), feature])).rejects.toThrow("TacitSecret(db)");
    const root = TacitModule.forRoot({ declare: declared, isGlobal: true, ...memoryStore(values).options });
    expect((await start([root, feature])).get(Users).atStart).toBe("s3cret-fixture-db");
  });

  test("fails the start with every problem, and leaves nothing open", async () => {
    const store = memoryStore({});
    await expect(start([TacitModule.forRoot({ declare: declared, ...store.options })])).rejects.toMatchObject({
      code: "NOT_READY",
      errors: [{ reference: "db/primary" }, { reference: "stripe/key" }],
    });
    expect([store.opened, store.closed]).toEqual([1, 1]);
  });

  test("waits for the start no longer than it is told", async () => {
    const ready = { signal: AbortSignal.abort(new Error("enough")) };
    const root = TacitModule.forRoot({ declare: declared, ready, ...memoryStore(values).options });
    await expect(start([root])).rejects.toThrow("enough");
  });

  test("makes a client for each application of one module class", async () => {
    const store = memoryStore(values);
    const module = moduleOf({ imports: [TacitModule.forRoot({ declare: declared, ...store.options })] });
    const first = await start([module]);
    await first.close();
    const second = await start([module]);
    expect(second.get(getSecretsToken()).health().status).toBe("ok");
    expect([store.opened, store.closed]).toEqual([2, 1]);
  });
});

describe("forRootAsync", () => {
  const store = memoryStore(values);
  class Settings {
    createTacitOptions(): TacitClientOptions {
      return store.options;
    }
  }
  const settings = moduleOf({ providers: [Settings], exports: [Settings] });

  test.each([
    [
      "useFactory",
      { imports: [settings], inject: [Settings], useFactory: (one: Settings) => one.createTacitOptions() },
    ],
    ["an asynchronous useFactory", { useFactory: async () => store.options }],
    ["useClass", { useClass: Settings }],
    ["useExisting", { imports: [settings], useExisting: Settings }],
  ])("takes its options from %s", async (_, options) => {
    const application = await start([TacitModule.forRootAsync({ declare: declared, ...options })], [Users]);
    expect(application.get(Users).atStart).toBe("s3cret-fixture-db");
  });

  test("may be global", async () => {
    const root = TacitModule.forRootAsync({ declare: declared, isGlobal: true, useFactory: () => store.options });
    const application = await start([root, moduleOf({ providers: [Users] })]);
    expect(application.get(Users).atStart).toBe("s3cret-fixture-db");
  });

  test("lets the options declare, for those who name the aliases themselves", async () => {
    const root = TacitModule.forRootAsync({ useFactory: () => ({ declare: declared, ...store.options }) });
    const application = await start([root, TacitModule.forFeature(["db"])], [Users]);
    expect(application.get(Users).atStart).toBe("s3cret-fixture-db");
  });

  test.each([[{}], [{ useClass: Settings, useFactory: () => store.options }]])("refuses %o", (options) => {
    expect(() => TacitModule.forRootAsync(options)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
  });

  test.each([undefined, declared])("says so when the factory returns nothing", async (declare) => {
    const root = TacitModule.forRootAsync({ declare, useFactory: () => undefined as never });
    await expect(start([root])).rejects.toMatchObject({ code: "INVALID_CONFIG", reason: "module-setup" });
  });
});

describe("forFeature", () => {
  test("makes secrets of a root elsewhere injectable in one module", async () => {
    const feature = moduleOf({ imports: [TacitModule.forFeature<typeof declared>(["db"])], providers: [Users] });
    const application = await start([
      feature,
      TacitModule.forRoot({ declare: declared, ...memoryStore(values).options }),
    ]);
    expect(application.get(Users).atStart).toBe("s3cret-fixture-db");
  });

  test("fails the start for an alias that is not declared, and names the nearest", async () => {
    const root = TacitModule.forRoot(given(declared, values));
    await expect(start([root, TacitModule.forFeature(["stripes"])])).rejects.toMatchObject({
      code: "INVALID_NAME",
      reference: "stripes",
      message: expect.stringContaining('"stripe"'),
    });
  });
});

describe("several clients", () => {
  const billing = declareSecrets({ db: { ref: "billing/db" } });
  const billingRoot = () =>
    TacitModule.forRoot({ name: "billing", ...given(billing, { "billing/db": "s3cret-fixture-2" }) });

  test("have names, and each its own secrets", async () => {
    const root = TacitModule.forRoot({ declare: declared, ...memoryStore(values).options });
    const application = await start([root, billingRoot(), TacitModule.forFeature(["db"], "billing")], [Users]);
    expect(application.get(Users).atStart).toBe("s3cret-fixture-db");
    expect(application.get(getSecretToken("db", "billing")).latest.reveal()).toBe("s3cret-fixture-2");
  });

  test("cannot share one", async () => {
    const again = moduleOf({ imports: [billingRoot()] });
    const starting = NestFactory.createApplicationContext(moduleOf({ imports: [billingRoot(), again] }), {
      logger: false,
      abortOnError: false,
    });
    await expect(starting).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("billing"),
    });
  });
});

describe("shutdown", () => {
  test("closes the client after the requests in flight and after every other hook, and once", async () => {
    const store = memoryStore(values);
    const order: string[] = [];
    const inFlight = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    class SlowController {
      readonly #db: SecretWatch;
      constructor(db: SecretWatch) {
        this.#db = db;
      }
      async slow(): Promise<number> {
        inFlight.resolve();
        await answer.promise;
        return this.#db.latest.reveal().length;
      }
      onModuleDestroy(): void {
        order.push(`destroy ${store.closed}`);
        answer.resolve();
      }
      onApplicationShutdown(): void {
        order.push(`shutdown ${store.closed}`);
      }
    }
    InjectSecret("db")(SlowController, undefined, 0);
    Get()(SlowController.prototype, "slow", Object.getOwnPropertyDescriptor(SlowController.prototype, "slow") ?? {});
    Controller("slow")(SlowController);
    const root = TacitModule.forRoot({ declare: declared, ...store.options });
    const application = await NestFactory.create(moduleOf({ imports: [root], controllers: [SlowController] }), {
      logger: false,
    });
    await application.listen(0, "127.0.0.1");
    const response = fetch(`${await application.getUrl()}/slow`);
    await inFlight.promise;
    await application.close();
    await application.close();
    expect(await (await response).text()).toBe("17");
    expect(order).toEqual(["destroy 0", "shutdown 0", "destroy 1", "shutdown 1"]);
    expect(store.closed).toBe(1);
  });

  test("leaves a client that was given to who made it, and ends the watches", async () => {
    const store = memoryStore(values);
    const secrets = createSecrets({ declare: declared, ...store.options });
    const application = await start([TacitModule.forRoot({ secrets, declare: declared })], [Users]);
    const { db } = application.get(Users);
    await application.close();
    expect(db.state).toBe("closed");
    expect(secrets.health().status).toBe("ok");
    await secrets.close();
    expect(store.closed).toBe(1);
  });
});
