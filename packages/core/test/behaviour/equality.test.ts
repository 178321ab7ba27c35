import { generate } from "selfsigned";
import { describe, expect, test } from "vitest";
import {
  type AnyDeclaration,
  base64,
  basicAuth,
  declareSecrets,
  dockerConfig,
  json,
  object,
  type Secret,
  type StandardSchemaV1,
  sshKey,
  tlsPair,
} from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";

const lowerCase: StandardSchemaV1<unknown, { readonly host: string }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({ value: { host: String((value as { host: unknown }).host).toLowerCase() } }),
  },
};

function pem(content: string): string {
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${content}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

async function certified(name: string): Promise<Readonly<Record<string, string>>> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    notBeforeDate: new Date("2025-01-01"),
    notAfterDate: new Date("2099-01-01"),
  });
  return { "tls.crt": cert, "tls.key": key };
}

const [first, second] = await Promise.all([certified("one.example"), certified("two.example")]);

type Stored = string | Readonly<Record<string, string>>;

/** Two contents of a store that are one to the application, and a third that is not. */
const cases: readonly (readonly [string, AnyDeclaration["as"], Stored, Stored, Stored])[] = [
  ["a final line break of a text", undefined, "one", "one\n", "two"],
  ["white space and the order of members in JSON", json(), '{"a":1,"b":2}', '{ "b": 2, "a": 1 }', '{"a":1,"b":3}'],
  ["escapes in JSON", json(), '"A"', '"\\u0041"', '"B"'],
  [
    "a field that the object does not read",
    object(["user"]),
    { user: "u", note: "x" },
    { user: "u", note: "y" },
    { user: "v", note: "y" },
  ],
  ["what a schema makes alike", object(lowerCase), { host: "db" }, { host: "DB" }, { host: "mq" }],
  [
    "a note beside a login",
    basicAuth(),
    { username: "u", password: "p", note: "x" },
    { username: "u", password: "p", note: "y" },
    { username: "u", password: "q", note: "y" },
  ],
  ["the alphabet and padding of base64", base64(), "czNjcmV0Pz8=", "czNjcmV0Pz8", "czNjcmV0Pj4="],
  [
    "the order and white space of a registry's logins",
    dockerConfig(),
    { ".dockerconfigjson": '{"auths":{"a":{"username":"u","password":"p"},"b":{"auth":"dTpw"}}}' },
    { ".dockerconfigjson": '{ "auths": {"b":{"password":"p","username":"u"}, "a":{"auth":"dTpw"}} }' },
    { ".dockerconfigjson": '{"auths":{"a":{"username":"u","password":"q"}}}' },
  ],
  [
    "a note beside a key",
    sshKey(),
    { "ssh-privatekey": pem("one"), note: "x" },
    { "ssh-privatekey": pem("one") },
    { "ssh-privatekey": pem("two") },
  ],
  [
    "a keystore beside a certificate",
    tlsPair(),
    { ...first, "keystore.jks": "x" },
    { ...first, "keystore.jks": "y" },
    second,
  ],
  ["a value that becomes fields", object(["user"]), '{"user":"u"}', { user: "u" }, { user: "v" }],
];

const minute = 60_000;

describe.each(cases)("a new version that differs in %s", (_, as, first, alike, other) => {
  async function client() {
    const asked: unknown[] = [];
    const declared = declareSecrets({
      db: {
        ref: "db",
        ...(as === undefined ? {} : { as }),
        overlap: "1h",
        accept: (next: Secret<unknown>) => {
          asked.push(next.reveal());
          return true;
        },
      },
    });
    const made = declaredClient(declared, { supports: { subscribe: "local", versions: false } });
    const set = async (value: Stored, createdAt?: Date): Promise<void> => {
      made.store.set("db", value, createdAt === undefined ? {} : { createdAt });
      made.store.hint("db");
      await made.clock.flush();
    };
    const createdAt = new Date(made.clock.now() - 30 * minute);
    made.store.set("db", first, { createdAt });
    const told: unknown[] = [];
    const opened: unknown[] = [];
    made.secrets.derive("db", { open: (secret: Secret<unknown>) => opened.push(secret.reveal()) });
    await made.secrets.ready();
    made.secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal()));
    await made.clock.flush();
    return { ...made, set, told, opened, asked, createdAt };
  }

  test("is no change: no event, no listener, no `accept`, no resource", async () => {
    const { set, told, opened, asked, eventsOf } = await client();
    await set(alike);
    expect(eventsOf("change")).toHaveLength(1);
    expect(told).toEqual([]);
    expect(opened).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  test("leaves the time of its creation as it was", async () => {
    const { secrets, clock, set, createdAt } = await client();
    await set(alike, new Date(clock.now()));
    expect(secrets.latest("db").meta.createdAt).toEqual(createdAt);
  });

  test("shifts nothing of what is accepted", async () => {
    const { secrets, clock, set } = await client();
    await set(other);
    await clock.advance(minute);
    await set(first);
    const before = secrets.accepted("db").map((secret) => secret.reveal());
    expect(before).toHaveLength(2);
    await clock.advance(minute);
    await set(alike);
    expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual(before);
  });

  test("confirms what is served: it is neither stale nor refused", async () => {
    const { secrets, clock, set } = await client();
    await clock.advance(30_000);
    await set(alike);
    expect(secrets.health()).toMatchObject({ status: "ok", secrets: [{ state: "live", ageMs: 0 }] });
  });

  test("is a change when it differs to the application too", async () => {
    const { secrets, clock, set, told, opened } = await client();
    await set(alike);
    const now = new Date(clock.now());
    await set(other, now);
    expect(told).toHaveLength(1);
    expect(opened).toHaveLength(2);
    expect(secrets.latest("db").meta.createdAt).toEqual(now);
  });

  test("is no reason to repeat work that was refused", async () => {
    const { secrets, store } = await client();
    store.set("db", alike);
    let worked = 0;
    const work = secrets.use(
      "db",
      () => {
        worked += 1;
        throw new Error("refused");
      },
      { rejected: () => true },
    );
    await expect(work).rejects.toThrow("refused");
    expect(worked).toBe(1);
  });

  test("is refused like the value that was dropped", async () => {
    const { secrets, set } = await client();
    secrets.invalidate("db", { drop: true });
    await set(alike);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ reason: "dropped" }));
    await set(other);
    expect(secrets.latest("db").reveal()).toBeDefined();
  });

  test("is a return after a deletion, for which nothing is opened", async () => {
    const { store, clock, set, opened, eventsOf } = await client();
    store.remove("db");
    store.hint("db");
    await clock.flush();
    await set(alike);
    expect(eventsOf("change").map(({ reason }) => reason)).toEqual(["initial", "recreated"]);
    expect(opened).toHaveLength(1);
  });
});

class Key {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

test("a value without a canonical form changes with its bytes, and with nothing else", async () => {
  const keys: StandardSchemaV1<unknown, Key> = {
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: new Key(String(value)) }) },
  };
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", as: json(keys) } }), {
    supports: { subscribe: "local" },
  });
  store.set("db", '"one"');
  await secrets.ready();
  const told: string[] = [];
  secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal().text));
  await clock.flush();
  for (const stored of ['"one"', '"one" ', '"one" ', '"two"']) {
    store.set("db", stored);
    store.hint("db");
    await clock.flush();
  }
  expect(told).toEqual(["one", "two"]);
});
