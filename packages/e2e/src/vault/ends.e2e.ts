import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { declareSecrets, tlsPair } from "@tacit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAppRole } from "./app-role.ts";
import { createAuthority } from "./certificate-authority.ts";
import { describeEachVault } from "./each-vault.ts";
import { startService } from "./service.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const pair = declareSecrets({ tls: { ref: "tls", as: tlsPair() } });
const token = declareSecrets({ identity: { ref: "identity#token" } });

describeEachVault("a service serves nothing that is over:", { concurrent: true }, (program) => {
  let vault: VaultServer;

  beforeAll(async () => {
    vault = await startVault({ program });
    const { administrator } = vault;
    await createAuthority(vault);
    const role = { allow_any_name: true, enforce_hostnames: false, generate_lease: true, ttl: "1h" };
    await administrator.write("pki/roles/leased", role);
    await administrator.write("pki/roles/workload", {
      require_cn: false,
      allowed_uri_sans: ["spiffe://example.org/*"],
      ttl: "1h",
    });
    await administrator.write("identity/oidc/key/signing", { allowed_client_ids: ["*"], verification_ttl: "1h" });
    await administrator.write("identity/oidc/role/app", { key: "signing", ttl: "15s" });
    await administrator.allow("app", {
      "pki/issue/*": ["update"],
      "identity/oidc/token/app": ["read"],
      "sys/leases/renew": ["update"],
      "sys/leases/revoke": ["update"],
    });
  });
  afterAll(() => vault?.close());

  test("a certificate is replaced before its lease ends with the token that took it", async () => {
    const { auth } = await createAppRole(vault, "leased", ["app"], {
      mount: "leased",
      ttl: "10s",
      explicitMaxTtl: "20s",
    });
    const issue = { leased: { commonName: "app.example" } };
    await using service = await startService(vault, {
      declare: pair,
      provider: { auth, mounts: { pki: { engine: "pki", issue } } },
      paths: { tls: "pki/issue/leased" },
    });
    const served = new Set<string>();
    for (const end = performance.now() + 50_000; performance.now() < end; await sleep(250)) {
      const { cert } = service.secrets.latest("tls").reveal();
      const serial = new X509Certificate(cert).serialNumber.match(/../g)?.join(":").toLowerCase() ?? "";
      served.add(serial);
      const { data } = await vault.administrator.read(`pki/cert/${serial}`);
      // It was asked for after it was served: what was replaced meanwhile may be revoked.
      if (service.secrets.latest("tls").reveal().cert === cert) expect(data?.revocation_time).toBe(0);
    }
    expect(served.size).toBeGreaterThanOrEqual(3);
  }, 90_000);

  test("an identity token without a lease is replaced before it ends", async () => {
    const { auth } = await createAppRole(vault, "identity", ["app"], { mount: "identified" });
    await using service = await startService(vault, {
      declare: token,
      provider: { auth, mounts: { identity: { engine: "generic", dynamic: true } } },
      paths: { identity: "identity/oidc/token/app" },
    });
    const served = new Set<string>();
    for (const end = performance.now() + 40_000; performance.now() < end; await sleep(250)) {
      const text = service.secrets.latest("identity").reveal();
      served.add(text);
      const { exp } = JSON.parse(Buffer.from(text.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
      // Its end is told in whole seconds.
      expect(Date.now() / 1000 - exp).toBeLessThan(1);
    }
    expect(served.size).toBeGreaterThanOrEqual(3);
  }, 90_000);

  test("a certificate of a workload needs no common name", async () => {
    const { auth } = await createAppRole(vault, "workload", ["app"], { mount: "workload" });
    const issue = { workload: { uriSans: ["spiffe://example.org/app"] } };
    await using service = await startService(vault, {
      declare: pair,
      provider: { auth, mounts: { pki: { engine: "pki", issue } } },
      paths: { tls: "pki/issue/workload" },
    });
    const { cert } = service.secrets.latest("tls").reveal();
    expect(new X509Certificate(cert).subjectAltName).toBe("URI:spiffe://example.org/app");
  });
});
