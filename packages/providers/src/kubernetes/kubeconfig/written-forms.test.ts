import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type KubernetesFixture, openFixture, read } from "../../../test/kubernetes/fixture.ts";
import { KubeconfigFiles } from "../../../test/kubernetes/kubeconfig-files.ts";

const files = new KubeconfigFiles();
afterAll(() => files.remove());

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const authority = ({ ca }: KubernetesFixture): string => base64(ca);
const lines = (text: string): string => text.replace(/.{64}/g, "$&\n      ");

/** A kubeconfig as people and tools write it. */
function written(fixture: KubernetesFixture): string {
  return `apiVersion: v1
kind: Config
current-context: here
clusters:
- name: c
  cluster:
    server: ${fixture.api.url}
    certificate-authority-data: ${authority(fixture)}
users:
- name: u
  user:
    token: ${fixture.tokens.at(-1)}
contexts:
- name: here
  context: {cluster: c, user: u}
`;
}

type Form = (text: string, fixture: KubernetesFixture) => string | Uint8Array;

async function readWritten(fixture: KubernetesFixture, form: Form) {
  const kubeconfig = join(files.directory, "written");
  writeFileSync(kubeconfig, form(written(fixture), fixture));
  return read(await fixture.open({ kubeconfig }), "db");
}

describe("a kubeconfig", () => {
  test.each<[string, Form]>([
    ["a byte order mark", (text) => `\uFEFF${text}`],
    ["line ends of Windows", (text) => text.replaceAll("\n", "\r\n")],
    ["both", (text) => `\uFEFF${text.replaceAll("\n", "\r\n")}`],
    ["a document marker", (text) => `---\n${text}`],
    ["a directive", (text) => `%YAML 1.1\n---\n${text}`],
    ["a second document, which kubectl ignores", (text) => `${text}---\nkind: Other\n`],
    ["an alias", (text) => `${text.replace("user:\n", "user: &own\n")}mine: *own\n`],
    [
      "a merge key in the user",
      (text) => text.replace(/user:\n {4}(token: .*)/, "template: &own { $1 }\n  user:\n    <<: *own"),
    ],
    [
      "a merge key in the cluster",
      (text) => text.replace(/cluster:\n {4}(server: .*)\n/, "template: &own { $1 }\n  cluster:\n    <<: *own\n"),
    ],
    ["base64 in lines", (text, fixture) => text.replace(authority(fixture), `|\n      ${lines(authority(fixture))}`)],
    [
      "base64 in folded lines",
      (text, fixture) => text.replace(authority(fixture), `>-\n      ${lines(authority(fixture))}`),
    ],
    ["three megabytes of something else", (text) => `${text}more: ${"A".repeat(3_000_000)}\n`],
  ])("with %s is read", async (_what, form) => {
    await using fixture = await openFixture();
    expect(await readWritten(fixture, form)).toEqual({ status: "not-found", definitive: true });
  });

  test.each<[string, Form, string]>([
    ["a repeated key", (text) => `${text}current-context: here\n`, "has a key more than once in one map: line 16"],
    ["a tab", (text) => text.replace("    token", "\ttoken"), "is not YAML: line 12"],
    ["UTF-16", (text) => Buffer.from(`\uFEFF${text}`, "utf16le"), "is not UTF-8 text"],
    ["a number as its context", (text) => text.replaceAll("here", "123"), ": current-context is not text"],
    [
      "an authority that is not base64",
      (text, fixture) => text.replace(authority(fixture), '"s3cret-fixture"'),
      ": clusters[c].cluster.certificate-authority-data is not base64",
    ],
    [
      "a certificate that is not base64",
      (text) => text.replace(/token: .*/, "client-certificate-data: s3cret-fixture"),
      ": users[u].user.client-certificate-data is not base64",
    ],
    [
      "a namespace with a dot",
      (text) => text.replace("user: u}", "user: u, namespace: a.b}"),
      ": contexts[here].context.namespace cannot be the name of a namespace",
    ],
  ])("with %s is refused by its file and place", async (_what, form, message) => {
    await using fixture = await openFixture();
    const error = (await readWritten(fixture, form).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "kubeconfig" });
    expect(error.message).toContain(
      `"${join(files.directory, "written")}"${message.startsWith(":") ? "" : " "}${message}`,
    );
    expect(error.message).not.toContain("s3cret-fixture");
  });
});
