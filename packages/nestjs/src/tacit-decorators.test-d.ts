import { bytes, declareSecrets, object, type SecretChange, type SecretsOf, type WatchOf } from "@tacit/core";
import { describe, expectTypeOf, test } from "vitest";
import { createTacitDecorators } from "./tacit-decorators.ts";
import { TacitModule } from "./tacit-module.ts";

const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
  stripe: { ref: "stripe/key" },
  key: { ref: "key", as: bytes(), optional: true },
});
type Declared = typeof declared;
const { InjectSecret, InjectSecrets, OnSecretChange } = createTacitDecorators<Declared>();

declare class Users {
  readonly shown: WatchOf<Declared, "stripe">;
  protected readonly hidden: WatchOf<Declared, "db">;
  constructor(db: WatchOf<Declared, "db">, secrets: SecretsOf<Declared>);
  onDb(change: SecretChange<{ username: string; password: string }>): void;
  onStripe(change: SecretChange): Promise<string>;
  onAny(): void;
}

function methodOf<K extends keyof Users>(name: K): TypedPropertyDescriptor<Users[K]> {
  return Object.getOwnPropertyDescriptor(Users.prototype, name) as TypedPropertyDescriptor<Users[K]>;
}

describe("InjectSecret", () => {
  test("takes a parameter that a watch of the alias fits", () => {
    InjectSecret("db")(Users, undefined, 0);
    // @ts-expect-error the watch of a text is no watch of a pair
    InjectSecret("stripe")(Users, undefined, 0);
    // @ts-expect-error a client is no watch
    InjectSecret("db")(Users, undefined, 1);
    // @ts-expect-error there is no such parameter
    InjectSecret("db")(Users, undefined, 3);
  });

  test("takes a property that a watch of the alias fits", () => {
    InjectSecret("stripe")(Users.prototype, "shown");
    // @ts-expect-error the watch of a pair is no watch of a text
    InjectSecret("db")(Users.prototype, "shown");
    InjectSecret("db")(Users.prototype, "hidden");
  });

  test("takes declared aliases only", () => {
    // @ts-expect-error it is not declared
    InjectSecret("dbb");
    // @ts-expect-error it is not declared
    OnSecretChange("dbb");
    TacitModule.forFeature<Declared>(["db", "stripe"]);
    // @ts-expect-error it is not declared
    TacitModule.forFeature<Declared>(["dbb"]);
    TacitModule.forFeature(["any"]);
  });
});

test("InjectSecrets takes a parameter that the client fits", () => {
  InjectSecrets()(Users, undefined, 1);
  // @ts-expect-error a watch is no client
  InjectSecrets()(Users, undefined, 0);
});

test("OnSecretChange takes a method that its changes fit", () => {
  OnSecretChange("db")(Users.prototype, "onDb", methodOf("onDb"));
  OnSecretChange("stripe", { initial: true })(Users.prototype, "onStripe", methodOf("onStripe"));
  OnSecretChange("key")(Users.prototype, "onAny", methodOf("onAny"));
  // @ts-expect-error a change of a text is none of a pair
  OnSecretChange("stripe")(Users.prototype, "onDb", methodOf("onDb"));
  // @ts-expect-error a change of bytes is none of a text
  OnSecretChange("key")(Users.prototype, "onStripe", methodOf("onStripe"));
  // @ts-expect-error the decorators know their client
  OnSecretChange("db", { client: "billing" });
  expectTypeOf(OnSecretChange).parameter(0).toEqualTypeOf<"db" | "stripe" | "key">();
});
