import { basename, delimiter } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { type KubernetesFixture, openFixture, read } from "../../../test/kubernetes/fixture.ts";
import { execUser, KubeconfigFiles } from "../../../test/kubernetes/kubeconfig-files.ts";

const files = new KubeconfigFiles();
afterAll(() => files.remove());

const absent = { status: "not-found", definitive: true };

/** Reads a Secret outside of a cluster, with the given KUBECONFIG. */
async function readWith(fixture: KubernetesFixture, ...paths: readonly string[]) {
  fixture.processContext.environment.KUBERNETES_SERVICE_HOST = undefined;
  fixture.processContext.environment.KUBECONFIG = paths.join(delimiter);
  return read(await fixture.open(), "db");
}

/** Writes a kubeconfig with each entry of one list twice, which kubectl refuses. */
function doubled(fixture: KubernetesFixture, list: string): string {
  const file = files.config(fixture);
  const document = JSON.parse(files.read(basename(file))) as Record<string, readonly object[]>;
  return files.text(
    `${list}-twice`,
    JSON.stringify({ ...document, [list]: [...(document[list] ?? []), ...(document[list] ?? [])] }),
  );
}

async function failure(reading: Promise<unknown>): Promise<Error> {
  return reading.then(
    () => expect.fail("it was read"),
    (error: unknown) => error as Error,
  );
}

describe("the files of KUBECONFIG", () => {
  test.each<[string, (fixture: KubernetesFixture) => readonly string[]]>([
    ["one that is missing before a good one", (fixture) => ["/nonexistent/config", files.config(fixture)]],
    ["one that is missing after a good one", (fixture) => [files.config(fixture), "/nonexistent/config"]],
    ["an empty one after a good one", (fixture) => [files.config(fixture), files.text("empty", "")]],
    ["one of comments alone before a good one", (fixture) => [files.text("comments", "# a\n"), files.config(fixture)]],
    ["the same cluster twice", (fixture) => [files.config(fixture), files.config(fixture)]],
    [
      "a cluster of the same name that leads elsewhere, later",
      (fixture) => [files.config(fixture), files.config(fixture, { cluster: { server: "https://127.0.0.1:9" } })],
    ],
    [
      "a context in one file, its cluster and user in another",
      (fixture) => [
        files.text(
          "contexts",
          JSON.stringify({
            "current-context": "mine",
            contexts: [{ name: "mine", context: { cluster: "c", user: "u" } }],
          }),
        ),
        files.config(fixture),
      ],
    ],
    [
      "an entry that nobody uses and that lacks everything",
      (fixture) => [
        files.config(fixture),
        files.text(
          "old",
          JSON.stringify({
            clusters: [{ name: "old", cluster: {} }, { name: "older" }, {}, null],
            users: [{ name: 7 }],
            contexts: "none",
          }),
        ),
      ],
    ],
    ["a trailing delimiter", (fixture) => [files.config(fixture), ""]],
    ["an entry that stands twice in a later one", (fixture) => [files.config(fixture), doubled(fixture, "clusters")]],
  ])("with %s are read as kubectl reads them", async (_what, write) => {
    await using fixture = await openFixture();
    expect(await readWith(fixture, ...write(fixture))).toEqual(absent);
    expect(fixture.api.requests.map(({ token }) => token)).toEqual([fixture.tokens.at(-1)]);
  });

  test.each<[string, (fixture: KubernetesFixture) => readonly string[], string]>([
    ["none of which is there", () => ["/nonexistent/a", "/nonexistent/b"], '"/nonexistent/a", "/nonexistent/b"'],
    [
      "of which one is no YAML",
      (fixture) => [files.config(fixture), files.text("broken", "a: s3cret-fixture: [")],
      "broken",
    ],
    ["of which one is a list", (fixture) => [files.config(fixture), files.text("list", "- s3cret-fixture")], "list"],
    ["of which one is a directory", (fixture) => [files.config(fixture), files.directory], files.directory],
    [
      "whose current context is in none",
      (fixture) => [files.config(fixture, { more: { "current-context": "gone" } })],
      '"gone"',
    ],
    [
      "that name no current context",
      (fixture) => [files.config(fixture, { more: { "current-context": undefined } })],
      "current-context",
    ],
    [
      "whose context names a cluster that is not there",
      (fixture) => [
        files.config(fixture, { more: { contexts: [{ name: "here", context: { cluster: "gone", user: "u" } }] } }),
      ],
      '"gone"',
    ],
    [
      "whose context names a user that is not there",
      (fixture) => [
        files.config(fixture, { more: { contexts: [{ name: "here", context: { cluster: "c", user: "gone" } }] } }),
      ],
      '"gone"',
    ],
    [
      "whose cluster has no server",
      (fixture) => [files.config(fixture, { cluster: { server: "" } })],
      "clusters[c].cluster.server",
    ],
    [
      "whose server is a number",
      (fixture) => [files.config(fixture, { cluster: { server: 7 } })],
      "clusters[c].cluster.server",
    ],
    [
      "whose context names no namespace that there can be",
      (fixture) => [files.config(fixture, { namespace: "a/../b" })],
      "contexts[here].context.namespace",
    ],
    ...(["clusters[c]", "users[u]", "contexts[here]"] as const).map(
      (entry): [string, (fixture: KubernetesFixture) => readonly string[], string] => [
        `of which one has the chosen entry ${entry} twice`,
        (fixture) => [doubled(fixture, entry.split("[")[0] ?? "")],
        entry,
      ],
    ),
  ])("%s are INVALID_CONFIG, which names file and key", async (_what, write, named) => {
    await using fixture = await openFixture();
    const error = await failure(readWith(fixture, ...write(fixture)));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "kubeconfig" });
    expect(error.message).toContain(named);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret-fixture");
    expect(fixture.api.requests).toEqual([]);
  });
});

describe("the user of the context", () => {
  test("logs in with the current content of `tokenFile` at each login", async () => {
    await using fixture = await openFixture();
    files.text("token", `${fixture.tokens.at(-1)}\n`);
    // Relative to the kubeconfig; a token beside it counts less.
    const kubeconfig = files.config(fixture, { user: { tokenFile: "token", token: "stale" } });
    const provider = await fixture.open({ kubeconfig });
    expect(await read(provider, "db")).toEqual(absent);
    files.text("token", fixture.issue());
    expect(await read(provider, "db")).toEqual(absent);
    expect(fixture.api.requests.map(({ token }) => token)).toEqual(fixture.tokens);
    expect(fixture.api.refusals).toBe(0);
    expect(fixture.host.protected.map(({ value }) => value)).toEqual(fixture.tokens);
  });

  test.each(["./relative/plugin", "relative/plugin"])("runs %s from the folder of the kubeconfig", async (command) => {
    await using fixture = await openFixture();
    files.program(fixture.tokens.at(-1) ?? "", "relative/plugin");
    const kubeconfig = files.config(fixture, { user: execUser(command) });
    expect(await read(await fixture.open({ kubeconfig }), "db")).toEqual(absent);
  });

  test("passes the cluster to its plugin if the plugin requests it", async () => {
    await using fixture = await openFixture();
    const command = files.program(fixture.tokens.at(-1) ?? "", "informed");
    const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "mine" } }];
    for (const provideClusterInfo of [false, true]) {
      const user = execUser(command, { provideClusterInfo });
      const kubeconfig = files.config(fixture, { user, cluster: { extensions, "tls-server-name": "store.example" } });
      expect(await read(await fixture.open({ kubeconfig }), "db")).toEqual(absent);
      const cluster = {
        server: fixture.api.url,
        "tls-server-name": "store.example",
        "certificate-authority-data": Buffer.from(fixture.ca).toString("base64"),
        config: { audience: "mine" },
      };
      expect(JSON.parse(files.read("informed.info"))).toEqual({
        apiVersion: "client.authentication.k8s.io/v1",
        kind: "ExecCredential",
        spec: { interactive: false, ...(provideClusterInfo && { cluster }) },
      });
    }
  });

  test("is impersonated with groups, uid and extras", async () => {
    await using fixture = await openFixture();
    const user = {
      token: fixture.tokens.at(-1),
      as: "jane",
      "as-uid": "7",
      "as-groups": ["dev", "on call"],
      "as-user-extra": { "Example.org/Scopes": ["a", "b"] },
    };
    expect(await read(await fixture.open({ kubeconfig: files.config(fixture, { user }) }), "db")).toEqual(absent);
    expect(fixture.api.requests[0]?.impersonation).toEqual({
      "impersonate-user": ["jane"],
      "impersonate-uid": ["7"],
      "impersonate-group": ["dev", "on call"],
      "impersonate-extra-example.org%2fscopes": ["a", "b"],
    });
  });

  test("sends an impersonated name that is not ASCII in UTF-8, as kubectl does", async () => {
    await using fixture = await openFixture();
    const user = { token: fixture.tokens.at(-1), as: "José Žižka", "as-groups": ["Бухгалтерия"] };
    expect(await read(await fixture.open({ kubeconfig: files.config(fixture, { user }) }), "db")).toEqual(absent);
    const sent = Object.values(fixture.api.requests[0]?.impersonation ?? {}).flat();
    expect(sent.map((text) => Buffer.from(String(text), "latin1").toString())).toEqual(["José Žižka", "Бухгалтерия"]);
  });

  test.each<[string, object, string]>([
    ["a key that nobody knows", { token: "t", "token-file": "/etc/token" }, "users[u].user.token-file"],
    ["a token that is a number", { token: 7 }, "users[u].user.token"],
    ["a provider that kubectl has dropped", { "auth-provider": { name: "gcp" } }, "users[u].user.auth-provider.name"],
    ["groups without a user to impersonate", { token: "t", "as-groups": ["dev"] }, "users[u].user.as-groups"],
    ["groups that are no list", { token: "t", as: "jane", "as-groups": "dev" }, "users[u].user.as-groups"],
    ["a certificate without its key", { "client-certificate-data": "QQ==" }, "users[u].user.client-key"],
    [
      "a certificate that is not there",
      { "client-certificate": "gone.crt", "client-key": "gone.key" },
      "users[u].user.client-certificate",
    ],
    ["a token file that is not there", { tokenFile: "gone" }, "users[u].user.tokenFile"],
    ["a token and a password", { token: "t", username: "u", password: "s3cret-fixture" }, "users[u].user.username"],
    ["a plugin and a provider", { ...execUser("p"), "auth-provider": { name: "oidc" } }, "users[u].user.auth-provider"],
    ["a plugin without a command", execUser(""), "users[u].user.exec.command"],
    [
      "a plugin that must ask somebody",
      execUser("p", { interactiveMode: "Always" }),
      "users[u].user.exec.interactiveMode",
    ],
    [
      "a plugin of an interface that is gone",
      execUser("p", { apiVersion: "client.authentication.k8s.io/v1alpha1" }),
      "users[u].user.exec.apiVersion",
    ],
    ["a plugin with a key that nobody knows", execUser("p", { shell: true }), "users[u].user.exec.shell"],
  ])("with %s is INVALID_CONFIG, which names the key", async (_what, user, named) => {
    await using fixture = await openFixture();
    const kubeconfig = files.config(fixture, { user });
    const error = await failure(read(await fixture.open({ kubeconfig }), "db"));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "kubeconfig" });
    expect(error.message).toContain(kubeconfig);
    expect(error.message).toContain(named);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret-fixture");
    expect(fixture.api.refusals).toBe(0);
  });

  test("without any credentials is anonymous, as behind kubectl proxy", async () => {
    await using fixture = await openFixture();
    fixture.api.tokens.add("");
    const kubeconfig = files.config(fixture, { more: { contexts: [{ name: "here", context: { cluster: "c" } }] } });
    expect(await read(await fixture.open({ kubeconfig }), "db")).toEqual(absent);
  });

  test.each([
    ["with a token", (fixture: KubernetesFixture) => ({ token: fixture.tokens.at(-1) })],
    [
      "with a token beside a plugin",
      (fixture: KubernetesFixture) => ({ token: fixture.tokens.at(-1), ...execUser("/nonexistent/plugin") }),
    ],
    [
      "with an empty token beside a plugin",
      (fixture: KubernetesFixture) => ({ token: "", ...execUser(files.program(fixture.tokens.at(-1) ?? "")) }),
    ],
    [
      "with a plugin that has null for args and env",
      (fixture: KubernetesFixture) => execUser(files.program(fixture.tokens.at(-1) ?? ""), { args: null, env: null }),
    ],
  ])("%s reads", async (_what, user) => {
    await using fixture = await openFixture();
    const kubeconfig = files.config(fixture, { user: user(fixture) });
    expect(await read(await fixture.open({ kubeconfig }), "db")).toEqual(absent);
  });
});

test.each([
  ["a byte order mark", (text: string) => `\uFEFF${text}`],
  ["line ends of Windows", (text: string) => JSON.stringify(JSON.parse(text), undefined, 2).replaceAll("\n", "\r\n")],
])("a kubeconfig with %s is read", async (_what, change) => {
  await using fixture = await openFixture();
  const kubeconfig = files.config(fixture);
  files.text("changed", change(files.read(kubeconfig.slice(files.directory.length + 1))));
  expect(await read(await fixture.open({ kubeconfig: `${files.directory}/changed` }), "db")).toEqual(absent);
});
