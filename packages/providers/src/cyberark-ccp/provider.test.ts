import { manualClock } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CcpDouble, failure, openFixture } from "../../test/cyberark-ccp/double.ts";
import { makeAuthority, makeCertificate } from "../../test/http-fixture.ts";
import { contentOf, forever, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";
import { toObjectName } from "./account-path.ts";

const account = '"Content":"s3cret-fixture","UserName":"app","Address":"db.example","LastSuccessChange":"1763640000"';

describe("over HTTP, by the address of the machine", () => {
  let fixture: StoreFixture<CcpDouble>;
  beforeEach(async () => {
    fixture = await openFixture();
    fixture.double.accounts.set("Orders/db", account);
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  test("an account is its properties, without what CyberArk notes of its own work", async () => {
    const provider = await fixture.open({ reason: "start" });
    expect(await contentOf(read(provider, "db"))).toEqual({
      Content: "s3cret-fixture",
      UserName: "app",
      Address: "db.example",
    });
    expect(await read(provider, "db")).toMatchObject({ createdAt: new Date("2025-11-20T12:00:00Z") });
    const { query } = fixture.double.requests.at(-1) ?? {};
    expect(query).toEqual({ AppID: "orders", Safe: "Orders", Folder: "Root", Object: "db", Reason: "start" });
  });

  test("another safe is part of the path", async () => {
    fixture.double.accounts.set("Shared/smtp relay", '"Content":"s3cret-fixture-smtp"');
    expect(await contentOf(read(await fixture.open(), "Shared/smtp relay"))).toEqual({
      Content: "s3cret-fixture-smtp",
    });
    // IIS would read a plus as a space in some places and not in others.
    expect(fixture.double.requests.at(-1)?.target).toContain("Object=smtp%20relay");
  });

  test.each(["True", "true", true])(
    "a change in process, written as %j, is UNAVAILABLE and passes",
    async (written) => {
      const provider = await fixture.open();
      fixture.double.inProcess = written;
      const error = await rejection(read(provider, "db"));
      expect(error).toMatchObject({
        code: "UNAVAILABLE",
        reason: "password-change",
        scope: "path",
        retryAfterMs: 1500,
      });
      for (const done of ["False", "false", false]) {
        fixture.double.inProcess = done;
        expect(await read(provider, "db")).toMatchObject({ status: "ok" });
      }
    },
  );

  test.each<[number, string, object]>([
    [400, "AIMWS030E", { code: "INTERNAL", reason: "bad-request", retryable: false }],
    [400, "AIMWS031E", { code: "INTERNAL", reason: "bad-request" }],
    [400, "APPAP227E", { code: "INVALID_VALUE", reason: "ambiguous" }],
    [400, "APPAP228E", { code: "INVALID_VALUE", reason: "ambiguous" }],
    [400, "APPAP229E", { code: "INVALID_VALUE", reason: "ambiguous" }],
    [400, "APPAP230E", { code: "INVALID_VALUE", reason: "ambiguous" }],
    [400, "APPAP251E", { code: "INVALID_VALUE", reason: "ambiguous" }],
    [400, "APPAP999E", { code: "INTERNAL", reason: "bad-request" }],
    [403, "APPAP008E", { code: "PERMISSION_DENIED", reason: "policy" }],
    [403, "APPAP133E", { code: "UNAUTHENTICATED", reason: "login-refused" }],
    [403, "APPAP306E", { code: "UNAUTHENTICATED", reason: "login-refused" }],
    [403, "APPAP999E", { code: "PERMISSION_DENIED", reason: "policy" }],
    [404, "APPAP999E", { code: "INTERNAL" }],
    [500, "APPAP007E", { code: "UNAVAILABLE", reason: "upstream" }],
    [500, "APPAP282E", { code: "UNAVAILABLE", reason: "password-change", scope: "path", retryAfterMs: 1500 }],
    [500, "APPAP286E", { code: "UNAVAILABLE", reason: "password-change", scope: "path" }],
    [500, "APPAP999E", { code: "UNAVAILABLE", reason: "server-error" }],
  ])("a %i with %s", async (status, code, expected) => {
    const provider = await fixture.open();
    fixture.double.override = () => failure(status, code, "[Safe=Orders;Object=s3cret-fixture]");
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject(expected);
    expect(JSON.stringify(error) + String(error)).not.toContain("s3cret-fixture");
  });

  test.each([
    ["object", { Name: "other", Safe: "Orders" }],
    ["safe", { Name: "db", Safe: "Other" }],
  ])("an answer about another %s is none", async (_what, place) => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ body: { Content: "s3cret-fixture", ...place } });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    fixture.double.override = () => ({ body: { Content: "s3cret-fixture", Name: "DB", Safe: "ORDERS" } });
    expect(await read(provider, "db")).toMatchObject({ status: "ok" });
  });

  test("JSON with 200 that is no account is none", async () => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ body: { message: "s3cret-fixture" } });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("a certificate has to be given for a login by certificate", async () => {
    expect(await rejection(fixture.open({ auth: undefined }))).toMatchObject({ code: "INVALID_CONFIG" });
  });

  test("diagnose tells who this is, and what it needs", async () => {
    const provider = await fixture.open();
    await read(provider, "db");
    const findings = (await provider.diagnose?.(forever)) ?? [];
    expect(findings.map(({ code }) => code)).toEqual(["identity", "least-privilege"]);
    expect(findings[0]?.message).toBe(
      'this process is the application "orders" of CyberArk, identified by the address of this machine',
    );
    expect(findings[1]?.tip).toContain('membership of the safe "Orders"');
  });
});

test("a certificate that is renewed on disk is shown with the next read", async () => {
  const [server, authority] = [await makeCertificate(), await makeAuthority("clients")];
  const secure = { ...server, requestCert: true, rejectUnauthorized: false, ca: [authority.cert] };
  await using fixture = await openFixture({ clock: manualClock() }, secure);
  fixture.double.accounts.set("Orders/db", account);
  const write = async (name: string): Promise<void> => {
    const { cert, key } = await makeCertificate(name, authority);
    fixture.file("tls.crt", cert);
    fixture.file("tls.key", key);
  };
  const file = (name: string, content = ""): { $file: string } => ({ $file: fixture.file(name, content) });
  const tls = { ca: file("ca.crt", server.cert), certificate: file("tls.crt"), key: file("tls.key") };
  await write("former");
  const clock = fixture.host.clock as ReturnType<typeof manualClock>;
  const provider = await fixture.open({ auth: { method: "certificate" }, tls });
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
  await write("orders");
  await clock.advance(1000);
  expect(await read(provider, "db")).toMatchObject({ status: "ok" });
  expect(fixture.double.requests.map(({ peer }) => peer)).toEqual(["former", "orders"]);
});

test("a slash in a name is a dash in the name of the object", () => {
  expect(toObjectName("db/primary")).toBe("db-primary");
});
