import "reflect-metadata";
import { type LoggerService, Module, type Provider, Scope, type Type } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { declareSecrets, type Secret, type SecretChange } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getSecretsToken } from "./injection-tokens.ts";
import { OnSecretChange, type OnSecretChangeOptions } from "./on-secret-change.ts";
import { TacitModule } from "./tacit-module.ts";

const declared = declareSecrets({ db: { ref: "db/primary" }, key: { ref: "key" } });
const applications: { close(): Promise<void> }[] = [];
let lines: unknown[][];
let secrets: ReturnType<typeof createMock>;

beforeEach(() => {
  lines = [];
  secrets = createMock();
});
afterEach(async () => {
  for (const application of applications.splice(0)) await application.close();
});

function createMock() {
  return mockSecrets({ "db/primary": "s3cret-fixture-1", key: "s3cret-fixture-key" }, { declare: declared });
}

/** What a compiler makes of `@OnSecretChange(alias, options)` above a method. */
function listen(type: Type, method: string, alias: string, options?: OnSecretChangeOptions): void {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, method) ?? {};
  OnSecretChange(alias, options)(type.prototype, method, descriptor);
}

async function start(providers: Provider[], more: Parameters<typeof Module>[0] = {}) {
  class AppModule {}
  Module({ imports: [TacitModule.forRoot({ secrets, declare: declared })], providers, ...more })(AppModule);
  const write = (...line: unknown[]): void => void lines.push(line);
  const logger: LoggerService = { log: () => undefined, warn: write, error: write };
  const application = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
  applications.push(application);
  return application;
}

async function rotate(name: string, value: string): Promise<void> {
  secrets.set(name, value);
  await secrets.flush();
}

/** A class of its own for each test, since decorators stay on a class. */
function recorder() {
  class Recorder {
    readonly heard: string[] = [];
    onChange({ current, previous, reason }: SecretChange): void {
      this.heard.push([reason, previous?.reveal() ?? "-", current.reveal()].join(" "));
    }
  }
  return Recorder;
}

describe("a method", () => {
  test("hears of each change, on its instance", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    const { heard } = (await start([Recorder])).get(Recorder);
    await rotate("db/primary", "s3cret-fixture-2");
    await rotate("key", "s3cret-fixture-other");
    await rotate("db/primary", "s3cret-fixture-3");
    expect(heard).toEqual(["rotated s3cret-fixture-1 s3cret-fixture-2", "rotated s3cret-fixture-2 s3cret-fixture-3"]);
  });

  test("hears of the first value too, where it asks for that", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db", { initial: true });
    const { heard } = (await start([Recorder])).get(Recorder);
    await secrets.flush();
    expect(heard).toEqual(["initial - s3cret-fixture-1"]);
  });

  test("may listen to several secrets", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    listen(Recorder, "onChange", "key");
    const { heard } = (await start([Recorder])).get(Recorder);
    await rotate("db/primary", "s3cret-fixture-2");
    await rotate("key", "s3cret-fixture-3");
    expect(heard).toHaveLength(2);
  });

  test("is heard on controllers, modules, subclasses and what a factory returns", async () => {
    const [OnController, OnModule, Base, Made] = [recorder(), recorder(), recorder(), recorder()];
    for (const type of [OnController, OnModule, Base, Made]) listen(type, "onChange", "db");
    class Derived extends Base {}
    Module({})(OnModule);
    const providers = [Derived, { provide: "made", useFactory: () => new Made() }];
    const application = await start(providers, {
      controllers: [OnController],
      imports: [OnModule, TacitModule.forRoot({ secrets, declare: declared })],
    });
    await rotate("db/primary", "s3cret-fixture-2");
    for (const token of [OnController, OnModule, Derived, "made"]) expect(application.get(token).heard).toHaveLength(1);
  });

  test("is called once for an instance that has several tokens", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    const one = { provide: "one", useExisting: Recorder };
    const two = { provide: "two", inject: [Recorder], useFactory: (instance: object) => instance };
    const { heard } = (await start([Recorder, one, two])).get(Recorder);
    await rotate("db/primary", "s3cret-fixture-2");
    expect(heard).toHaveLength(1);
  });

  test("is told of a rotation during the start, and in order", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    const slow = {
      provide: "slow",
      inject: [getSecretsToken()],
      useFactory: async () => {
        await rotate("db/primary", "s3cret-fixture-2");
        return "slow";
      },
    };
    const { heard } = (await start([Recorder, slow])).get(Recorder);
    await rotate("db/primary", "s3cret-fixture-3");
    expect(heard).toEqual(["rotated s3cret-fixture-1 s3cret-fixture-2", "rotated s3cret-fixture-2 s3cret-fixture-3"]);
  });

  test("is never called once the application shuts down, nor afterwards", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    const application = await start([Recorder]);
    await application.close();
    await rotate("db/primary", "s3cret-fixture-2");
    expect(application.get(Recorder).heard).toEqual([]);
  });
});

describe("a method that fails", () => {
  class Failing {
    calls = 0;
    onSync({ current }: { current: Secret }): void {
      this.calls += 1;
      throw new TypeError(`cannot connect with ${current.reveal()}`);
    }
    async onAsync({ current }: { current: Secret }): Promise<void> {
      this.calls += 1;
      throw Object.assign(new Error(current.reveal().slice(0, 7)), { config: { password: current.reveal() } });
    }
    onOdd(): void {
      this.calls += 1;
      throw null;
    }
  }
  for (const method of ["onSync", "onAsync", "onOdd"]) listen(Failing, method, "db");

  test("is reported, stops nobody, and is called again", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    const events: unknown[] = [];
    secrets.events.on("listener-failed", (event) => events.push(event));
    const application = await start([Failing, Recorder]);
    await rotate("db/primary", "s3cret-fixture-2");
    await rotate("db/primary", "s3cret-fixture-3");
    expect(application.get(Failing).calls).toBe(6);
    expect(application.get(Recorder).heard).toHaveLength(2);
    expect(events).toHaveLength(6);
    expect(lines.map(([message]) => message).toSorted()).toEqual(
      ["Failing.onAsync", "Failing.onOdd", "Failing.onSync"].flatMap((title) => {
        const line = `${title} failed at a change of a secret`;
        return [line, line];
      }),
    );
  });

  test("leaves no value and no message in the log, but where it failed", async () => {
    await start([Failing]);
    await rotate("db/primary", "s3cret-fixture-2");
    assertNoLeak(lines);
    const text = JSON.stringify(lines);
    expect(text).not.toContain("cannot connect");
    expect(text).toMatch(/TypeError.*onSync.*on-secret-change\.test\.ts/);
  });
});

describe("a listener that could never be called", () => {
  test.each([
    ["request", Scope.REQUEST],
    ["transient", Scope.TRANSIENT],
  ])("is told in the log, for a %s provider", async (_, scope) => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db");
    await start([{ provide: Recorder, useClass: Recorder, scope }]);
    expect(lines).toEqual([[expect.stringContaining("Recorder.onChange is never called"), "Tacit"]]);
  });

  test("fails the start for an alias that is not declared", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "dbb");
    await expect(start([Recorder])).rejects.toMatchObject({
      code: "INVALID_NAME",
      message: expect.stringMatching(/Recorder\.onChange.*"db"/),
    });
  });

  test("fails the start for a client that does not exist", async () => {
    const Recorder = recorder();
    listen(Recorder, "onChange", "db", { client: "billing" });
    await expect(start([Recorder])).rejects.toThrow('Recorder.onChange listens to a Tacit client named "billing"');
  });

  test("is refused where it stands on no method", () => {
    class Odd {
      static onChange(): void {}
      onChange(): void {}
    }
    const refused = expect.objectContaining({ code: "INVALID_CONFIG", reason: "module-setup" });
    const descriptor = Object.getOwnPropertyDescriptor(Odd, "onChange") ?? {};
    expect(() => OnSecretChange("db")(Odd, "onChange", descriptor)).toThrow(refused);
    expect(() => OnSecretChange("db")(Odd.prototype, Symbol.iterator, descriptor)).toThrow(refused);
    expect(() => OnSecretChange("db")(Odd.prototype, "field", undefined as never)).toThrow(refused);
    expect(() => OnSecretChange("db")(() => undefined, { kind: "method" } as never, undefined as never)).toThrow(
      refused,
    );
  });
});

test("each client tells its own listeners", async () => {
  const billing = mockSecrets(
    { "db/primary": "s3cret-fixture-b" },
    { declare: declareSecrets({ db: { ref: "db/primary" } }) },
  );
  const [Ours, Theirs] = [recorder(), recorder()];
  listen(Ours, "onChange", "db");
  listen(Theirs, "onChange", "db", { client: "billing" });
  const application = await start([Ours, Theirs], {
    imports: [TacitModule.forRoot({ secrets }), TacitModule.forRoot({ name: "billing", secrets: billing })],
  });
  billing.set("db/primary", "s3cret-fixture-2");
  await billing.flush();
  expect([application.get(Ours).heard.length, application.get(Theirs).heard.length]).toEqual([0, 1]);
});
