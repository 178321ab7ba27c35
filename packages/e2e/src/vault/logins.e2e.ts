import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { declareSecrets } from "@tacit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { createAppRole } from "./app-role.ts";
import { createAuthority } from "./certificate-authority.ts";
import { putCredential } from "./credential-file.ts";
import { describeEachVault } from "./each-vault.ts";
import { startService } from "./service.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const declared = declareSecrets({ password: { ref: "db#password" } });
const value = "s3cret-fixture-login";

describeEachVault("a service logs in", {}, (program) => {
  let vault: VaultServer;

  beforeAll(async () => {
    vault = await prepare(await startVault({ program }));
  });
  afterAll(() => vault?.close());

  test("as an application whose secret id was wrapped for it, once", async () => {
    const { auth } = await createAppRole(vault, "wrapped", ["reader"]);
    const creationPath = "auth/approle/role/wrapped/secret-id";
    const secretId = { $file: putCredential("wrapped", await vault.administrator.wrap(creationPath, {})) };
    await expectRead(vault, { ...auth, secretId, creationPath });
    // Somebody who finds the token later finds nothing in it, and the next one who needs it hears of that.
    const again = read(vault, { ...auth, secretId, creationPath });
    await expect(again).rejects.toMatchObject({
      errors: [{ code: "UNAUTHENTICATED", reason: "wrapping-token-spent" }],
    });
  });

  test("and refuses a wrapping token that another path has made", async () => {
    const { auth } = await createAppRole(vault, "forged", ["reader"]);
    const secretId = {
      $file: putCredential("forged", await vault.administrator.wrap("sys/wrapping/wrap", { secret_id: "x" })),
    };
    const creationPath = "auth/approle/role/forged/secret-id";
    const failure = read(vault, { ...auth, secretId, creationPath });
    await expect(failure).rejects.toMatchObject({ errors: [{ code: "UNAUTHENTICATED", reason: "wrapping-path" }] });
  });

  test("with user name and password", async () => {
    await vault.administrator.enableLogin("userpass", "userpass");
    await vault.administrator.write("auth/userpass/users/app", { password: value, token_policies: ["reader"] });
    const password = { $file: putCredential("password", value) };
    await expectRead(vault, { method: "userpass", username: "app", password });
  });

  test("with a JWT of an issuer that Vault trusts", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await vault.administrator.enableLogin("jwt", "jwt");
    const pem = publicKey.export({ type: "spki", format: "pem" });
    await vault.administrator.write("auth/jwt/config", {
      jwt_validation_pubkeys: [pem],
      jwt_supported_algs: ["ES256"],
    });
    await vault.administrator.write("auth/jwt/role/app", {
      role_type: "jwt",
      user_claim: "sub",
      bound_audiences: ["vault"],
      token_policies: ["reader"],
    });
    const now = Math.floor(Date.now() / 1000);
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
    const signed = `${encode({ alg: "ES256" })}.${encode({ sub: "app", aud: "vault", iat: now, exp: now + 600 })}`;
    const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
    const jwt = { $file: putCredential("jwt", `${signed}.${signature.toString("base64url")}`) };
    await expectRead(vault, { method: "jwt", role: "app", jwt });
  });

  test("with a token from a file, which it never revokes", async () => {
    const token = await vault.administrator.createToken(["reader"]);
    await expectRead(vault, { method: "token-file", file: putCredential("token", token) });
    expect((await vault.ask({ method: "GET", path: "secret/data/db", token })).status).toBe(200);
  });

  test("and revokes the token that it was given when it closes", async () => {
    const { auth } = await createAppRole(vault, "polite", ["reader"]);
    vault.audit.reset();
    await expectRead(vault, auth);
    expect(vault.audit.count(/^auth\/token\/revoke-self$/)).toBe(1);
  });

  test("with a client certificate", async () => {
    const authority = await createAuthority(vault);
    const [serverFiles, client] = [await authority.issue("server"), await authority.issue("client")];
    await using secure = await prepare(await startVault({ program, tls: serverFiles }));
    await secure.administrator.enableLogin("cert", "cert");
    await secure.administrator.write("auth/cert/certs/app", {
      certificate: authority.certificate,
      allowed_common_names: ["client"],
      token_policies: ["reader"],
    });
    const source = (path: string) => ({ $file: path });
    const tls = { ca: source(authority.file), certificate: source(client.certificate), key: source(client.key) };
    await expectRead(secure, { method: "cert", name: "app" }, { tls });
    const other = { ...tls, certificate: source(serverFiles.certificate), key: source(serverFiles.key) };
    const failure = read(secure, { method: "cert", name: "app" }, { tls: other });
    await expect(failure).rejects.toMatchObject({ errors: [{ code: "UNAUTHENTICATED" }] });
  });
});

describeEachVault("a service in a cluster logs in", { needs: ["etcd", "kube-apiserver"] }, (program) => {
  let vault: VaultServer;
  let cluster: Cluster;

  beforeAll(async () => {
    [vault, cluster] = await Promise.all([startVault({ program }).then(prepare), openCluster()]);
    await vault.administrator.enableLogin("kubernetes", "kubernetes");
    await vault.administrator.write("auth/kubernetes/config", {
      kubernetes_host: cluster.apiServer.url,
      kubernetes_ca_cert: readFileSync(cluster.apiServer.certificateAuthority, "utf8"),
      token_reviewer_jwt: await createReviewer(cluster),
      disable_local_ca_jwt: true,
    });
    await vault.administrator.write("auth/kubernetes/role/app", {
      bound_service_account_names: ["app"],
      bound_service_account_namespaces: ["apps"],
      token_policies: ["reader"],
    });
    await cluster.administrator.createNamespace("apps");
    for (const account of ["app", "other"])
      await cluster.administrator.createReader("apps", { account, secrets: ["none"], verbs: ["get"] });
  });
  afterAll(async () => {
    await vault?.close();
    await cluster?.close();
  });

  test("as its service account, whose token the API server reviews, and by the next token after that one is refused", async () => {
    const { administrator } = cluster;
    const file = putCredential("service-account", await administrator.requestToken("apps", "app"));
    const auth = { method: "kubernetes", role: "app", jwt: { $file: file } };
    await using service = await startService(vault, { declare: declared, provider: { auth } });
    expect(service.secrets.latest("password").reveal()).toBe(value);
    // The account is made anew, so that its old tokens are worth nothing, as is the token that Vault gave for one.
    await administrator.core.deleteNamespacedServiceAccount({ namespace: "apps", name: "app" });
    await administrator.core.createNamespacedServiceAccount({ namespace: "apps", body: { metadata: { name: "app" } } });
    putCredential("service-account", await administrator.requestToken("apps", "app"), file);
    await vault.administrator.write("sys/leases/revoke-prefix/auth/kubernetes/login", { sync: true });
    expect((await service.secrets.watch("password").refresh()).reveal()).toBe(value);
  });

  test("not as another account", async () => {
    const jwt = { $file: putCredential("other", await cluster.administrator.requestToken("apps", "other")) };
    const failure = read(vault, { method: "kubernetes", role: "app", jwt });
    await expect(failure).rejects.toMatchObject({ errors: [{ code: "UNAUTHENTICATED" }] });
  });
});

/** Lets the policy `reader` read `db`. */
async function prepare(vault: VaultServer): Promise<VaultServer> {
  const { administrator } = vault;
  await administrator.mount("secret", "kv", { version: "2" });
  await administrator.write("secret/data/db", { data: { password: value } });
  await administrator.allow("reader", { "secret/data/db": ["read"] });
  return vault;
}

async function read(vault: VaultServer, auth: object, others: object = {}): Promise<string> {
  await using service = await startService(vault, { declare: declared, provider: { auth, ...others } });
  return service.secrets.latest("password").reveal();
}

async function expectRead(vault: VaultServer, auth: object, others?: object): Promise<void> {
  expect(await read(vault, auth, others)).toBe(value);
}

/** Whom Vault asks as: an account that may have tokens reviewed. */
async function createReviewer({ administrator }: Cluster): Promise<string> {
  const metadata = { name: "reviewer" };
  const namespace = "default";
  await administrator.core.createNamespacedServiceAccount({ namespace, body: { metadata } });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" };
  const subjects = [{ kind: "ServiceAccount", name: "reviewer", namespace }];
  await administrator.rbac.createClusterRoleBinding({ body: { metadata, roleRef, subjects } });
  return await administrator.requestToken(namespace, "reviewer");
}
