import { expect, test } from "vitest";
import { type Certificate, makeCertificate } from "../../../../test/http-fixture.ts";
import { openLoginFixture } from "../../../../test/vault/login-fixture.ts";

const server = await makeCertificate();
const clients = await Promise.all(["a.example", "b.example", "stranger.example"].map((name) => makeCertificate(name)));
const [first, second, stranger] = clients as [Certificate, Certificate, Certificate];

/** Starts a Vault that trusts two client certificates, and a connection whose certificate can be replaced. */
async function openMutual() {
  const shown: { current: Certificate | undefined } = { current: first };
  const trusted = { requestCert: true, rejectUnauthorized: false, ca: [first.cert, second.cert] };
  const tls = () => ({ ca: server.cert, certificate: shown.current?.cert, key: shown.current?.key });
  const fixture = await openLoginFixture({ ...server, ...trusted }, tls);
  return Object.assign(fixture, { shown });
}

test("a login presents the current certificate, and sends the role if there is one", async () => {
  await using fixture = await openMutual();
  await fixture.run(fixture.create({ method: "cert" }));
  fixture.shown.current = second;
  await fixture.run(fixture.create({ method: "cert", mount: "team/cert", name: "app" }));
  expect(fixture.vault.requests).toMatchObject([
    { path: "auth/cert/login", body: {} },
    { path: "auth/team/cert/login", body: { name: "app" } },
  ]);
});

test.each([
  ["that nobody trusts", stranger],
  ["that is missing", undefined],
])("a certificate %s is refused as UNAUTHENTICATED", async (_, certificate) => {
  await using fixture = await openMutual();
  fixture.shown.current = certificate;
  const refused = { code: "UNAUTHENTICATED", reason: "login-refused" };
  await expect(fixture.run(fixture.create({ method: "cert" }))).rejects.toMatchObject(refused);
});
