import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openFixture, read } from "../../../test/kubernetes/fixture.ts";
import { KubeconfigFiles } from "../../../test/kubernetes/kubeconfig-files.ts";

const files = new KubeconfigFiles();
afterAll(() => files.remove());

function fifo(path: string): string {
  execFileSync("mkfifo", [path]);
  return path;
}

function directory(path: string): string {
  mkdirSync(path);
  return path;
}

/** Makes something that is no regular file, or too large for one that is read. */
const made: readonly (readonly [what: string, fault: string, make: (path: string) => string])[] = [
  ["a FIFO", "is not a regular file", fifo],
  ["a directory", "is not a regular file", directory],
  ["a device without an end", "is not a regular file", () => "/dev/zero"],
  [
    "a file of 5 MB",
    "is too large",
    (path) => {
      files.text(path.slice(files.directory.length + 1), "");
      truncateSync(path, 5_000_000);
      return path;
    },
  ],
];
let count = 0;
const fresh = (): string => join(files.directory, `other-${++count}`);
const failure = (reading: Promise<unknown>): Promise<unknown> => reading.catch((error: unknown) => error);

describe.skipIf(process.platform === "win32")("a file that is no regular file is refused, never waited on", () => {
  test.each(made)("%s as the kubeconfig", async (_what, fault, make) => {
    await using fixture = await openFixture();
    const path = make(fresh());
    expect(await failure(read(await fixture.open({ kubeconfig: path }), "db"))).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "kubeconfig",
      message: `the kubeconfig "${path}" ${fault}`,
    });
  });

  test.each(
    made.flatMap(([what, fault, make]) =>
      (["tokenFile", "client-certificate", "client-key"] as const).map((key) => [what, key, fault, make] as const),
    ),
  )("%s as %s of the user", async (_what, key, fault, make) => {
    await using fixture = await openFixture();
    const path = make(fresh());
    const pem = files.text(`${count}.pem`, "");
    const user = key === "tokenFile" ? {} : { "client-certificate": pem, "client-key": pem };
    const kubeconfig = files.config(fixture, { user: { ...user, [key]: path } });
    expect(await failure(read(await fixture.open({ kubeconfig }), "db"))).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "kubeconfig",
      message: `the kubeconfig "${kubeconfig}": users[u].user.${key} refers to a file that ${fault}: "${path}"`,
    });
  });

  test("a FIFO as the authority of the cluster", async () => {
    await using fixture = await openFixture();
    const path = fifo(fresh());
    const cluster = { "certificate-authority-data": undefined, "certificate-authority": path };
    const kubeconfig = files.config(fixture, { cluster });
    expect(await failure(read(await fixture.open({ kubeconfig }), "db"))).toMatchObject({ reason: "kubeconfig" });
  });

  test.each(made)("%s as the token of a service account", async (_what, _fault, make) => {
    await using fixture = await openFixture();
    rmSync(join(fixture.mount.directory, "..data"));
    const token = join(fixture.mount.directory, "token");
    rmSync(token);
    const path = make(fresh());
    execFileSync("ln", ["-s", path, token]);
    expect(statSync(token).ino).toBe(statSync(path).ino);
    expect(await failure(read(await fixture.open(), "db"))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "service-account",
    });
  });
});
