import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { allow, variablesOf } from "../aws/account.ts";
import { mayUseNamespaces, runInPrivateNetwork } from "../clouds/private-network.ts";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { type Sts, startSts } from "../sts/sts.ts";
import { putCredential } from "../vault/credential-file.ts";
import { describeEachVault } from "../vault/each-vault.ts";
import { startVault, type VaultServer } from "../vault/vault-server.ts";
import { contentOf, type Folder, openFolder, run } from "./folder.ts";
import { startGoogleKms } from "./google-kms.ts";
import { asDecrypted, asFields, asRead, encrypt, expectSame, plainFiles, type SopsCall } from "./sops-program.ts";

const names = Object.keys(plainFiles);

/** Encrypts every format for a key, and expects a provider with that key to read each as sops does. */
async function expectAllSame(folder: Folder, call: SopsCall, key: object): Promise<void> {
  const provider = await folder.open("sops", { keys: [key] });
  for (const name of names) {
    await encrypt(folder, name, call);
    await expectSame(provider, folder, name, call);
  }
}

/** Makes an age identity. @returns its file, and its recipient */
async function ageKey(folder: Folder): Promise<{ readonly file: string; readonly recipient: string }> {
  const file = join(folder.home, "age.key");
  await run(programPath("age-keygen"), ["-o", file]);
  const { output } = await run(programPath("age-keygen"), ["-y", file]);
  return { file, recipient: output.toString().trim() };
}

describe.skipIf(!hasPrograms("sops", "age-keygen"))("files of the real sops for other keys of age than X25519", () => {
  test("a post-quantum one", async () => {
    await using folder = openFolder();
    const file = join(folder.home, "age.key");
    await run(programPath("age-keygen"), ["-pq", "-o", file]);
    const { output } = await run(programPath("age-keygen"), ["-y", file]);
    const call = { words: ["--age", output.toString().trim()], env: { SOPS_AGE_KEY_FILE: file } };
    await expectAllSame(folder, call, { use: "age", identity: { $file: file } });
  });

  const hasSsh = spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;
  test.skipIf(!hasSsh)("an SSH key", async () => {
    await using folder = openFolder();
    const file = join(folder.home, "ssh");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-C", "", "-N", "", "-f", file]);
    const recipient = readFileSync(`${file}.pub`, "utf8").trim();
    const call = { words: ["--age", recipient], env: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: file } };
    await expectAllSame(folder, call, { use: "age", identity: { $file: file } });
  });
});

describe.skipIf(!hasPrograms("sops", "age-keygen"))("files of the real sops for keys of PGP", () => {
  const gpgPath = spawnSync("which", ["gpg"]).stdout?.toString().trim() ?? "";
  const hasGpg = gpgPath !== "";
  let home: string;
  let fingerprint: string;

  // The agent listens at a socket below its folder, whose path must be short.
  beforeAll(async () => {
    if (!hasGpg) return;
    home = mkdtempSync(join(tmpdir(), "gpg-"));
    const gpg = async (...words: readonly string[]): Promise<string> => {
      const common = ["--homedir", home, "--batch", "--quiet", "--passphrase", ""];
      return (await run("gpg", [...common, ...words])).output.toString();
    };
    await gpg("--quick-gen-key", "app <app@example.org>", "rsa3072", "sign", "never");
    fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg("--with-colons", "--list-keys"))?.[1] ?? "";
    await gpg("--quick-add-key", fingerprint, "rsa3072", "encr", "never");
  });
  afterAll(async () => {
    if (!hasGpg) return;
    await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
    rmSync(home, { recursive: true, force: true });
  });

  test.skipIf(!hasGpg)("with GnuPG, and with its exported key by openpgp", async () => {
    await using folder = openFolder();
    const call = { words: ["--pgp", fingerprint], env: { GNUPGHOME: home } };
    await expectAllSame(folder, call, { use: "pgp", gpg: gpgPath, home });
    const { output } = await run("gpg", ["--homedir", home, "--batch", "--armor", "--export-secret-keys", fingerprint]);
    await expectAllSame(folder, call, { use: "pgp", key: { $file: folder.keep("key.asc", output) } });
  });

  test.skipIf(!hasGpg)("two of three key groups: age, PGP and one that is not reached", async () => {
    await using folder = openFolder();
    const { file, recipient } = await ageKey(folder);
    await using elsewhere = openFolder();
    const { recipient: third } = await ageKey(elsewhere);
    const config = folder.keep(
      "rules.yaml",
      JSON.stringify({
        creation_rules: [
          { key_groups: [{ age: [recipient] }, { pgp: [fingerprint] }, { age: [third] }], shamir_threshold: 2 },
        ],
      }),
    );
    const call = { words: [], env: { GNUPGHOME: home, SOPS_AGE_KEY_FILE: file, SOPS_CONFIG: config } };
    const pgp = { use: "pgp", gpg: gpgPath, home };
    const age = { use: "age", identity: { $file: file } };
    const provider = await folder.open("sops", { keys: [age, pgp] });
    const alone = await folder.open("sops", { keys: [age] });
    for (const name of names) {
      await encrypt(folder, name, call);
      await expectSame(provider, folder, name, call);
      expect(await contentOf(alone, name)).toEqual({ code: "INVALID_VALUE", reason: "no-key" });
    }
  });
});

describeEachVault("files of the real sops for a key of transit", { needs: ["sops"] }, (program) => {
  let vault: VaultServer;
  let token: string;
  beforeAll(async () => {
    vault = await startVault({ program });
    const { administrator } = vault;
    await administrator.mount("team/transit", "transit");
    await administrator.write("team/transit/keys/app", {});
    await administrator.allow("decrypt", { "team/transit/decrypt/app": ["update"] });
    token = await administrator.createToken(["decrypt"]);
  });
  afterAll(() => vault?.close());

  const keyOf = (name = "app"): object => ({
    use: "vault-transit",
    keyId: `${vault.url}/v1/team/transit/keys/${name}`,
    auth: { method: "token-file", file: putCredential("token", token) },
  });
  const call = (): SopsCall => ({
    words: ["--hc-vault-transit", `${vault.url}/v1/team/transit/keys/app`],
    env: { VAULT_TOKEN: vault.administrator.token },
  });

  test("every format", async () => {
    await using folder = openFolder();
    await expectAllSame(folder, call(), keyOf());
  });

  test("after a rotation of the key, and refused once the version is ruled out, as sops is", async () => {
    await using folder = openFolder();
    await encrypt(folder, "all.yaml", call());
    await vault.administrator.write("team/transit/keys/app/rotate", {});
    await expectSame(await folder.open("sops", { keys: [keyOf()] }), folder, "all.yaml", call());
    await vault.administrator.write("team/transit/keys/app/config", { min_decryption_version: 2 });
    const fresh = await folder.open("sops", { keys: [keyOf()] });
    expect(await contentOf(fresh, "all")).toEqual({ code: "PERMISSION_DENIED", reason: "key-service" });
    await expect(expectSame(fresh, folder, "all.yaml", call())).rejects.toThrow();
    const { status } = await run(programPath("sops"), ["rotate", "-i", join(folder.root, "all.yaml")], {
      env: call().env ?? {},
    });
    expect(status).not.toBe(0);
    await encrypt(folder, "all.yaml", call());
    await expectSame(fresh, folder, "all.yaml", call());
  });

  test("nobody is asked for a key that the document does not name, and a token without the right is denied", async () => {
    await using folder = openFolder();
    await encrypt(folder, "all.json", call());
    const asked = vault.audit.requests().length;
    const other = await folder.open("sops", { keys: [keyOf("other")] });
    expect(await contentOf(other, "all")).toEqual({ code: "INVALID_VALUE", reason: "no-key" });
    expect(vault.audit.requests().length).toBe(asked);
    await vault.administrator.allow("decrypt", {});
    const denied = await folder.open("sops", { keys: [keyOf()] });
    expect(await contentOf(denied, "all")).toEqual({ code: "PERMISSION_DENIED", reason: "key-service" });
    await vault.administrator.allow("decrypt", { "team/transit/decrypt/app": ["update"] });
    await expectSame(denied, folder, "all.json", call());
  });
});

describe.skipIf(!hasPrograms("sops", "ministack"))("files of the real sops for a key of AWS KMS", () => {
  let sts: Sts;
  let keyId: string;
  let variables: Readonly<Record<string, string>>;
  beforeAll(async () => {
    sts = await startSts();
    const { key } = await sts.createUser("app");
    variables = { ...variablesOf(key), AWS_ENDPOINT_URL_KMS: sts.url, AWS_REGION: sts.region };
    await allow(sts, "app", [{ Effect: "Allow", Action: ["kms:Encrypt", "kms:Decrypt"], Resource: "*" }]);
    keyId = await sts.createKey();
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(() => sts?.close());

  test("every format, with an encryption context, which must be the one of the file", async () => {
    await using folder = openFolder();
    for (const [name, text] of Object.entries(variables)) vi.stubEnv(name, text);
    const call = { words: ["--kms", keyId, "--encryption-context", "env:prod"], env: variables };
    const key = { use: "aws-kms", keyId, endpoint: sts.url };
    await expectAllSame(folder, call, key);
    const changed = folder.read("all.yaml").toString().replace("env: prod", "env: test");
    expect(changed).not.toBe(folder.read("all.yaml").toString());
    folder.write("all.yaml", changed);
    const fresh = await folder.open("sops", { keys: [key] });
    expect(await contentOf(fresh, "all.yaml")).toEqual({ code: "INVALID_VALUE", reason: "tampered" });
    await expect(expectSame(fresh, folder, "all.yaml", call)).rejects.toThrow();
  });

  test("is denied where the policy of the user says nothing of KMS", async () => {
    await using folder = openFolder();
    for (const [name, text] of Object.entries(variables)) vi.stubEnv(name, text);
    const call = { words: ["--kms", keyId], env: variables };
    await encrypt(folder, "all.json", call);
    await allow(sts, "app", [{ Effect: "Allow", Action: "iam:GetUser", Resource: "*" }]);
    const provider = await folder.open("sops", { keys: [{ use: "aws-kms", keyId, endpoint: sts.url }] });
    expect(await contentOf(provider, "all")).toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(expectSame(provider, folder, "all.json", call)).rejects.toThrow();
  });
});

describe.skipIf(!hasPrograms("sops"))("files of the real sops for a key of Google Cloud KMS", () => {
  test("every format, and a denial", async () => {
    await using kms = await startGoogleKms();
    await using folder = openFolder();
    const env = {
      SOPS_GCP_KMS_ENDPOINT: kms.url,
      SOPS_GCP_KMS_CLIENT_TYPE: "rest",
      GOOGLE_OAUTH_ACCESS_TOKEN: kms.token,
    };
    const call = { words: ["--gcp-kms", kms.keyId], env };
    await expectAllSame(folder, call, kms.key);
    kms.isDenied = true;
    const denied = await folder.open("sops", { keys: [kms.key] });
    expect(await contentOf(denied, "all.json")).toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe.skipIf(!hasPrograms("sops") || !mayUseNamespaces())(
  "files of the real sops for a key of Azure Key Vault",
  () => {
    let seen: Readonly<Record<string, unknown>>;
    beforeAll(async () => {
      const files = Object.entries(plainFiles).map(([name, content]) => [
        name,
        Buffer.from(content as string).toString("base64"),
      ]);
      seen = await runInPrivateNetwork(
        join(import.meta.dirname, "azure-key.process.ts"),
        ["tacit.vault.azure.net", "login.microsoftonline.com", "evil.vault.azure.net"],
        { variables: { SOPS: programPath("sops"), PLAIN_FILES: JSON.stringify(Object.fromEntries(files)) } },
      );
    });

    test.each(names)("%s", (name) => {
      const [ours, theirs = ""] = seen[name] as readonly [unknown, string?];
      expect(asRead(ours)).toEqual(asFields(asDecrypted(name, Buffer.from(theirs, "base64"))));
    });

    test("nobody is asked for another key, and a refused login is told", () => {
      expect(seen).toMatchObject({
        other: "INVALID_VALUE no-key",
        refused: "UNAUTHENTICATED cloud-identity",
        hosts: ["login.microsoftonline.com", "tacit.vault.azure.net"],
      });
    });
  },
);
