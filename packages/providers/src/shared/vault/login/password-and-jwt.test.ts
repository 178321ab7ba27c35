import { rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type LoginFixture, openLoginFixture } from "../../../../test/vault/login-fixture.ts";

const seconds = (fixture: LoginFixture, more: number): number => Math.floor(fixture.http.clock.now() / 1000) + more;

describe.each(["userpass", "ldap"] as const)("a login with %s", (method) => {
  const options = { method, username: "app@example.org", password: { $secret: "password" } };

  test("sends the current password unchanged", async () => {
    await using fixture = await openLoginFixture();
    const login = fixture.create(options);
    for (const password of [" s3cret-fixture ", "s3cret-\u00fc\u{1f511}-fixture", 's3cret"\\fixture']) {
      fixture.vault.passwords.set("app@example.org", password);
      fixture.credentials.set("password", password);
      expect((await fixture.run(login)).clientToken).toMatch(/^s3cret-fixture-token/);
    }
    expect(fixture.vault.requests[0]?.path).toBe(`auth/${method}/login/app@example.org`);
  });

  test("is UNAUTHENTICATED with a wrong password, and does not send an empty one or one that is not text", async () => {
    await using fixture = await openLoginFixture();
    const login = fixture.create(options);
    fixture.credentials.set("password", "s3cret-fixture-wrong");
    const refused = { code: "UNAUTHENTICATED", reason: "login-refused", retryable: true };
    await expect(fixture.run(login)).rejects.toMatchObject(refused);
    fixture.credentials.set("password", "");
    await expect(fixture.run(login)).rejects.toMatchObject({ reason: "credential-empty" });
    fixture.credentials.set("password", Uint8Array.of(0xff, 0xfe));
    await expect(fixture.run(login)).rejects.toMatchObject({ reason: "credential-malformed" });
    expect(fixture.vault.attempts).toBe(1);
  });
});

test.each(["a/b", "..", "a\\b", "a%2fb", "a\nb", ""])("the user name %j cannot be part of a path", async (username) => {
  await using fixture = await openLoginFixture();
  const create = () => fixture.create({ method: "userpass", username, password: { $secret: "password" } });
  expect(create).toThrow();
});

test.each(["auth/approle", "/jwt", "jwt/", "a//b", "../jwt", "a/../b", "a%2fb"])(
  "the mount %j is refused",
  async (mount) => {
    await using fixture = await openLoginFixture();
    expect(() => fixture.create({ method: "jwt", mount, jwt: { $secret: "jwt" } })).toThrow(/below auth/);
  },
);

test.each([
  "it/jwt",
  "ci:prod/jwt",
  "k/arn:aws:eks:eu-west-1:111122223333:cluster/prod/jwt",
  "jwt@corp/jwt",
  "app role/jwt",
  "a+b?c#d/jwt",
  "équipe/jwt",
])("a login is sent to the mount %j, which is valid in Vault", async (mount) => {
  await using fixture = await openLoginFixture();
  fixture.credentials.set("jwt", fixture.vault.issuer.issue({ aud: "jwt.example", exp: seconds(fixture, 60) }));
  await fixture.run(fixture.create({ method: "jwt", mount, jwt: { $secret: "jwt" } }));
  expect(fixture.vault.requests.map(({ path }) => path)).toEqual([`auth/${mount}/login`]);
});

describe("a login with a JWT", () => {
  test("sends the current JWT, with the role if there is one", async () => {
    await using fixture = await openLoginFixture();
    const { vault, credentials } = fixture;
    const login = fixture.create({ method: "jwt", mount: "ci/jwt", jwt: { $secret: "jwt" } });
    for (const job of [1, 2]) {
      credentials.set("jwt", `${vault.issuer.issue({ aud: "jwt.example", job, exp: seconds(fixture, 60) })}\n`);
      await fixture.run(login);
    }
    await fixture.run(fixture.create({ method: "jwt", mount: "ci/jwt", role: "app", jwt: { $secret: "jwt" } }));
    expect(vault.requests.map(({ body }) => body.role)).toEqual([undefined, undefined, "app"]);
    expect(vault.requests[0]?.body.jwt).not.toEqual(vault.requests[1]?.body.jwt);
  });

  test("is refused with an expired JWT, one for another audience, or a forged one", async () => {
    await using fixture = await openLoginFixture();
    const { vault, credentials } = fixture;
    const login = fixture.create({ method: "jwt", jwt: { $secret: "jwt" } });
    const expired = vault.issuer.issue({ aud: "jwt.example", exp: seconds(fixture, -1) });
    const foreign = vault.issuer.issue({ aud: "other.example", exp: seconds(fixture, 60) });
    const forged = vault.issuer.issue({ aud: "jwt.example", exp: seconds(fixture, 60) }).replace(/\.[^.]+$/, ".AAAA");
    for (const jwt of [expired, foreign, forged]) {
      credentials.set("jwt", jwt);
      await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
    }
  });

  test("does not send a text that cannot be a JWT", async () => {
    await using fixture = await openLoginFixture();
    const login = fixture.create({ method: "jwt", jwt: { $secret: "jwt" } });
    for (const [text, reason] of [
      [" \n", "credential-empty"],
      ["s3cret fixture", "credential-malformed"],
      ["s3cret-\u00fc", "credential-malformed"],
    ] as const) {
      fixture.credentials.set("jwt", text);
      await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason });
    }
    expect(fixture.vault.requests).toEqual([]);
  });
});

describe("a login with a service account of Kubernetes", () => {
  test("reads the projected token at each login", async () => {
    await using fixture = await openLoginFixture();
    const directory = await mkdtemp(join(tmpdir(), "tacit-login-"));
    const file = join(directory, "token");
    const login = fixture.create({ method: "kubernetes", role: "app", jwt: { $file: file } });
    const tokens = [1, 2].map((generation) =>
      fixture.vault.issuer.issue({ aud: "kubernetes.example", generation, exp: seconds(fixture, 60) }),
    );
    for (const token of tokens) {
      writeFileSync(file, token);
      await fixture.run(login);
    }
    expect(fixture.vault.requests.map(({ body }) => body)).toEqual(tokens.map((jwt) => ({ role: "app", jwt })));
    rmSync(directory, { recursive: true });
  });

  test("uses the mounted token by default, or one of another provider", async () => {
    await using fixture = await openLoginFixture();
    const asked: unknown[] = [];
    const credential = async (source: unknown): Promise<Uint8Array> => {
      asked.push(source);
      return Buffer.from("a.b.c");
    };
    const host = { ...fixture.host, credential };
    const context = { api: fixture.api, host, signal: fixture.http.controller.signal };
    for (const jwt of [undefined, { $secret: "serviceaccount/app#token" }]) {
      const login = fixture.create({ method: "kubernetes", role: "app", ...(jwt && { jwt }) });
      await expect(login.login(context)).rejects.toMatchObject({ reason: "login-refused" });
    }
    const mounted = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    expect(asked).toEqual([{ $file: mounted }, { $secret: "serviceaccount/app#token" }]);
  });
});
