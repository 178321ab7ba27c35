import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters, keys } from "@tacit/providers";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { allow, variablesOf } from "../aws/account.ts";
import { run } from "../encrypted-files/folder.ts";
import { startGoogleKms } from "../encrypted-files/google-kms.ts";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { type Sts, startSts } from "../sts/sts.ts";
import { putCredential } from "../vault/credential-file.ts";
import { describeEachVault } from "../vault/each-vault.ts";
import { startVault, type VaultServer } from "../vault/vault-server.ts";

const value = "s3cret-fixture-of-a-snapshot-äß-🔑";
const declared = declareSecrets({
  token: { ref: "app/token" },
  login: { ref: "app/login.json", as: object(["user", "password"]) },
});

/** What a key service of the snapshot wrapped, as the file holds it. */
type Wrapped = Readonly<Record<string, string>>;

/** A machine whose store is a folder. */
class Machine {
  readonly home = mkdtempSync(join(inject("runFolder"), "snapshot-"));
  readonly path = join(this.home, "app.snapshot");
  readonly #root = join(this.home, "root");
  /** The key services of the next process. */
  keys: readonly object[];

  constructor(...keyServices: readonly object[]) {
    this.keys = keyServices;
    mkdirSync(join(this.#root, "app"), { recursive: true });
    writeFileSync(join(this.#root, "app/token"), value);
    writeFileSync(join(this.#root, "app/login.json"), JSON.stringify({ user: "app", password: value }));
  }

  open() {
    return createSecrets({
      adapters,
      keys,
      declare: declared,
      config: {
        providers: { files: { use: "file", root: this.#root } },
        routes: [{ match: "**", to: ["files"] }],
        snapshot: { path: this.path, keys: this.keys },
      } as never,
    });
  }

  /** One process reads, writes its snapshot and ends. @returns the wrapped key */
  async write(): Promise<Wrapped> {
    const secrets = this.open();
    await secrets.ready();
    await secrets.close();
    const text = readFileSync(this.path, "utf8");
    expect(text).not.toContain("s3cret-fixture");
    expect(text).not.toContain(Buffer.from(value).toString("base64").slice(0, 20));
    return (JSON.parse(text) as { readonly key: Wrapped }).key;
  }

  /** The store is gone, and the next process starts. */
  async startInOutage(): Promise<unknown> {
    renameSync(this.#root, `${this.#root}-away`);
    const secrets = this.open();
    try {
      await secrets.ready({ timeout: "20s" });
      const { status } = secrets.health();
      return [secrets.latest("token").reveal(), secrets.latest("login").reveal(), status];
    } catch (error) {
      return (error as { readonly errors?: readonly { readonly tip?: string }[] }).errors?.length;
    } finally {
      await secrets.close();
      renameSync(`${this.#root}-away`, this.#root);
    }
  }
}

const restored = [value, { user: "app", password: value }, "degraded"];

/** A Python with the package `cryptography`. */
const python = ["python3", ...(hasPrograms("conjur-python") ? [programPath("conjur-python")] : [])].find(
  (program) => spawnSync(program, ["-c", "import cryptography"], { stdio: "ignore" }).status === 0,
);
if (python === undefined)
  process.stderr.write("e2e: snapshots are opened by nobody else: no python3 here has the package cryptography\n");

/** Has a snapshot opened by a program that knows nothing of this library, and expects it to find what was in it. */
async function expectOpenedElsewhere(request: object): Promise<void> {
  if (python === undefined) return;
  const program = join(import.meta.dirname, "open-snapshot.py");
  const { status, output, errors } = await run(python, [program], { input: JSON.stringify(request) });
  expect(status, errors).toBe(0);
  const { writtenAt, entries } = JSON.parse(output.toString()) as {
    readonly writtenAt: string;
    readonly entries: readonly { readonly header: Readonly<Record<string, unknown>>; readonly content: unknown }[];
  };
  expect(Math.abs(Date.parse(writtenAt) - Date.now())).toBeLessThan(60_000);
  const found = new Map(entries.map(({ header, content }) => [header.name, { header, content }]));
  expect(found.get("app/token")).toMatchObject({ content: value, header: { provider: "files", stage: "current" } });
  expect(JSON.stringify(found.get("app/login.json")?.content)).toContain(value);
}

describe("a snapshot with a key of the operator", () => {
  test("starts a process in an outage, and is opened by another program from its documented format", async () => {
    const localKey = randomBytes(32).toString("base64");
    const machine = new Machine({ use: "local", key: { $file: putCredential("local", localKey) } });
    expect(await machine.write()).toMatchObject({ use: "local" });
    expect(await machine.startInOutage()).toEqual(restored);
    await expectOpenedElsewhere({ path: machine.path, localKey });
  });

  test("is opened with an older key while a new one is first, and is refused once that is gone or one character differs", async () => {
    const [older, newer] = [0, 1].map(() => {
      return { use: "local", key: { $file: putCredential("local", randomBytes(32).toString("hex")) } };
    }) as [object, object];
    const machine = new Machine(older);
    await machine.write();
    machine.keys = [newer, older];
    expect(await machine.startInOutage()).toEqual(restored);
    const text = readFileSync(machine.path, "utf8");
    machine.keys = [newer];
    expect(await machine.startInOutage()).toBe(2);
    machine.keys = [older];
    writeFileSync(
      machine.path,
      text.replace(/"seal":"./, (found) => (found.endsWith("A") ? '"seal":"B' : '"seal":"A')),
    );
    expect(await machine.startInOutage()).toBe(2);
  });
});

describe.skipIf(!hasPrograms("age", "age-keygen"))("a snapshot with a key of age", () => {
  test.each([
    ["X25519", []],
    ["post-quantum", ["-pq"]],
  ])("of the kind %s, unwrapped by the real age", async (_kind, words) => {
    const machine = new Machine();
    const file = join(machine.home, "age.key");
    await run(programPath("age-keygen"), [...words, "-o", file]);
    machine.keys = [{ use: "age", identity: { $file: file } }];
    const { use, file: wrapped = "" } = await machine.write();
    expect(use).toBe("age");
    expect(await machine.startInOutage()).toEqual(restored);
    const { output } = await run(programPath("age"), ["-d", "-i", file], { input: wrapped });
    await expectOpenedElsewhere({ path: machine.path, dataKey: output.toString("base64") });
  });
});

describeEachVault("a snapshot with a key of transit", {}, (program) => {
  let vault: VaultServer;
  beforeAll(async () => {
    vault = await startVault({ program });
    await vault.administrator.mount("transit", "transit");
    await vault.administrator.write("transit/keys/app", {});
    const rules = { "transit/decrypt/app": ["update"], "transit/encrypt/app": ["update"] };
    await vault.administrator.allow("snapshot", rules);
  });
  afterAll(() => vault?.close());

  test("starts a process, also after a rotation, and is refused once the version is ruled out", async () => {
    const { administrator, url } = vault;
    const token = await administrator.createToken(["snapshot"]);
    const auth = { method: "token-file", file: putCredential("token", token) };
    const machine = new Machine({ use: "vault-transit", keyId: `${url}/v1/transit/keys/app`, auth });
    const { ciphertext } = await machine.write();
    expect(ciphertext).toMatch(/^vault:v\d+:/);
    const { data } = await administrator.write("transit/decrypt/app", { ciphertext });
    await expectOpenedElsewhere({ path: machine.path, dataKey: (data as { readonly plaintext: string }).plaintext });
    await administrator.write("transit/keys/app/rotate", {});
    expect(await machine.startInOutage()).toEqual(restored);
    await administrator.write("transit/keys/app/config", { min_decryption_version: 2 });
    expect(await machine.startInOutage()).toBe(2);
  });
});

describe.skipIf(!hasPrograms("ministack"))("a snapshot with a key of AWS KMS", () => {
  let sts: Sts;
  beforeAll(async () => {
    sts = await startSts();
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(() => sts?.close());

  test("starts a process, is bound to its context, and is refused where the key is denied", async () => {
    const { key } = await sts.createUser("app");
    for (const [name, text] of Object.entries(variablesOf(key))) vi.stubEnv(name, text);
    await allow(sts, "app", [{ Effect: "Allow", Action: ["kms:Encrypt", "kms:Decrypt"], Resource: "*" }]);
    const keyId = await sts.createKey();
    const machine = new Machine({ use: "aws-kms", keyId, endpoint: sts.url });
    const { ciphertext = "", context } = await machine.write();
    expect(await machine.startInOutage()).toEqual(restored);
    await expectOpenedElsewhere({ path: machine.path, dataKey: await sts.decrypt(ciphertext, context as never) });
    await allow(sts, "app", [{ Effect: "Allow", Action: "iam:GetUser", Resource: "*" }]);
    expect(await machine.startInOutage()).toBe(2);
  });
});

describe("a snapshot with a key of Google Cloud KMS", () => {
  test("starts a process, and is refused where the key is denied", async () => {
    await using kms = await startGoogleKms();
    const machine = new Machine(kms.key);
    const { ciphertext } = await machine.write();
    expect(await machine.startInOutage()).toEqual(restored);
    const answer = await fetch(`${kms.url}/v1/${kms.keyId}:decrypt`, {
      method: "POST",
      headers: { authorization: `Bearer ${kms.token}` },
      body: JSON.stringify({ ciphertext }),
    });
    const { plaintext } = (await answer.json()) as { readonly plaintext: string };
    await expectOpenedElsewhere({ path: machine.path, dataKey: plaintext });
    kms.isDenied = true;
    expect(await machine.startInOutage()).toBe(2);
  });
});
