import { describe, expect, test } from "vitest";
import { type Content, password, read, refusal } from "../../test/decoding.ts";
import { dockerConfig } from "./docker-config.ts";

type Fields = Readonly<Record<string, string>>;

const docker = (auths: unknown): Fields => ({ ".dockerconfigjson": JSON.stringify({ auths }) });
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("dockerConfig", () => {
  const login = { username: "app", password: `${password}:with:colons` };
  const auth = base64(`${login.username}:${login.password}`);

  test.each<[string, Content]>([
    ["auth alone", docker({ "ghcr.io": { auth } })],
    ["auth that Docker filled up with NULs", docker({ "ghcr.io": { auth: base64(`app:${login.password}\0\0`) } })],
    ["auth beside other words", docker({ "ghcr.io": { auth, username: "old", password: "old" } })],
    ["user and password", docker({ "ghcr.io": { ...login, auth: "" } })],
    ["the older field", { ".dockercfg": JSON.stringify({ "ghcr.io": { auth } }) }],
    ["the document as one value", docker({ "ghcr.io": { auth } })[".dockerconfigjson"] as string],
    ["the older document as one value", JSON.stringify({ "ghcr.io": { auth } })],
    ["fields in one value", JSON.stringify(docker({ "ghcr.io": { auth } }))],
    ["the older field in one value", JSON.stringify({ ".dockercfg": JSON.stringify({ "ghcr.io": { auth } }) })],
  ])("reads %s", async (_what, content) => {
    expect(await read(dockerConfig(), content)).toEqual({ "ghcr.io": login });
  });

  test.each<[string, unknown]>([
    ["an entry without a login, as a credential helper leaves it", {}],
    ["an entry that is null", null],
    ["an entry of empty texts", { username: "", password: "", auth: "", email: "" }],
  ])("leaves %s out", async (_what, entry) => {
    const content = docker({ "harbor.internal": entry, "ghcr.io": { auth } });
    expect(await read(dockerConfig(), content)).toEqual({ "ghcr.io": login });
  });

  test("reads auth that is wrapped, without padding, or both", async () => {
    const long = { username: "robot", password: "p".repeat(90) };
    const wrapped = base64(`${long.username}:${long.password}`).replace(/.{76}/g, "$&\r\n").replace(/=+$/, "");
    expect(await read(dockerConfig(), docker({ "ghcr.io": { auth: `${wrapped}\n` } }))).toEqual({ "ghcr.io": long });
  });

  test("reads no registries as none", async () => {
    expect(await read(dockerConfig(), docker({}))).toEqual({});
  });

  test("says that an identity token is not read", async () => {
    const entry = { auth: base64("00000000-0000-0000-0000-000000000000:"), identitytoken: password };
    const error = await refusal(dockerConfig(), docker({ "acr.example": entry, "ghcr.io": { auth } }));
    expect(error).toMatchObject({ reason: "empty", tip: expect.stringContaining("identity token") as string });
    expect(error.message).toContain('"acr.example"');
  });

  test("reads several registries, and the address where one is given", async () => {
    const content = docker({ a: { ...login, email: "a@example.com" }, __proto__x: { auth, email: "" } });
    expect(await read(dockerConfig(), content)).toEqual({ a: { ...login, email: "a@example.com" }, __proto__x: login });
  });

  test.each<[string, string, Content]>([
    ["neither field", "field-missing", { password }],
    ["no auths", "docker-config", { ".dockerconfigjson": "{}" }],
    ["auths that are a list", "docker-config", docker([password])],
    ["a registry that is text", "docker-config", docker({ a: password })],
    ["registries without any login, as with a credential helper", "docker-config", docker({ a: {}, b: { auth: "" } })],
    ["an auth that is no text", "docker-config", docker({ a: { auth: 5 } })],
    ["a password that is no text", "docker-config", docker({ a: { username: "app", password: [password] } })],
    [
      "an auth in the alphabet of URLs, which the kubelet refuses",
      "docker-config",
      docker({ a: { auth: "YTo_Pz8-" } }),
    ],
    ["an empty password", "empty", docker({ a: { username: "app", password: "" } })],
    ["no password", "empty", docker({ a: { username: "app" } })],
    ["an auth without a user", "empty", docker({ a: { auth: base64(`:${password}`) } })],
    ["auth that is no base64", "docker-config", docker({ a: { auth: `${password}!` } })],
    ["auth without a colon", "docker-config", docker({ a: { auth: base64(password) } })],
    ["auth that is no text", "docker-config", docker({ a: { auth: "//46/w==" } })],
    ["text that is no JSON", "not-json", { ".dockerconfigjson": password }],
    ["a list", "not-object", { ".dockercfg": `["${password}"]` }],
    ["nothing", "empty", { ".dockercfg": "" }],
  ])("refuses %s", async (_what, reason, content) => {
    expect((await refusal(dockerConfig(), content)).reason).toBe(reason);
  });
});
