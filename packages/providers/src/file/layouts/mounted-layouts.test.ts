import * as fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";

/** Fields that all name one version, as the sources of a projected volume are written in one swap. */
const versioned = (paths: readonly string[], version: number) =>
  Object.fromEntries(paths.map((path) => [path, `s3cret-fixture-${path}-${version}`]));

function versionsOf(fields: unknown): ReadonlySet<string | undefined> {
  return new Set(Object.values(fields as Record<string, string>).map((value) => /\d+$/.exec(value)?.[0]));
}

test.each([
  ["a service account", ["token", "ca.crt", "namespace"]],
  ["a projected volume of two Secrets", ["db/username", "db/password", "api/key", "labels"]],
])("%s rotates 100 times and is always of one version", async (_what, paths) => {
  await using fixture = openFixture();
  const writer = await fixture.writer("kubernetes.io/serviceaccount");
  await writer.write(versioned(paths, 0), { defaultMode: 0o640 });
  const provider = fixture.open();
  const path = "kubernetes.io/serviceaccount";
  const recorder = await listen(provider, path);
  let isDone = false;
  const reading = (async () => {
    while (!isDone) expect(versionsOf(await textOf(read(provider, path))).size).toBe(1);
  })();
  try {
    for (let version = 1; version <= 100; version++) await writer.write(versioned(paths, version));
    await recorder.hears(path, versioned(paths, 100));
  } finally {
    isDone = true;
    await reading;
  }
});

test("a token that the kubelet renews is new at its own path, and the rest is not", async () => {
  await using fixture = openFixture();
  const writer = await fixture.writer();
  const account = { "ca.crt": "authority", namespace: "shop", token: "s3cret-fixture-1" };
  await writer.write(account);
  const provider = fixture.open();
  const authority = await read(provider, "ca.crt");
  const recorder = await listen(provider, "token");
  await Promise.all([
    writer.write({ ...account, token: "s3cret-fixture-2" }),
    recorder.hears("token", "s3cret-fixture-2"),
  ]);
  if (authority.status !== "ok") throw new Error("no authority");
  expect(await read(provider, "ca.crt", authority.version)).toMatchObject({ status: "not-modified" });
});

test("the files of a downward API volume are values of several lines", async () => {
  await using fixture = openFixture();
  const writer = await fixture.writer();
  const labels = 'app="shop"\nversion="1"';
  await writer.write({ labels, "limits/cpu": "2" });
  const provider = fixture.open();
  expect(await textOf(read(provider, "."))).toEqual({ labels, "limits/cpu": "2" });
  const parsed = fixture.open({ parse: "env" });
  expect(await textOf(read(parsed, "labels"))).toEqual({ app: "shop", version: "1" });
});

test("a CSI volume of an older provider is taken over by the driver while it is read", async () => {
  await using fixture = openFixture();
  const plain = await fixture.renamer();
  const driver = await fixture.writer();
  const provider = fixture.open();
  const outcomes: unknown[] = [];
  for (let round = 1; round <= 10; round++) {
    const below = `csi-${round}`;
    const path = `${below}/password`;
    await plain.run([{ do: "write", name: "password", content: "s3cret-fixture", style: "aws-csi" }], below);
    const recorder = await listen(provider, path);
    await recorder.hears(path, "s3cret-fixture");
    const write = { do: "write", fields: { password: "rotated" }, order: "legacy" } as const;
    const taking = driver.run([{ do: "remove-plain" }, { do: "pause", ms: round % 3 }, write], below);
    outcomes.push(await textOf(read(provider, path)).catch((error: { code: string }) => error.code));
    await Promise.all([taking, recorder.hears(path, "rotated")]);
  }
  // A gap that is longer than the settle time is a deletion to every reader; a machine under load makes one.
  const gone = { status: "not-found", definitive: true };
  for (const outcome of outcomes) expect(["s3cret-fixture", "rotated", gone]).toContainEqual(outcome);
});

test("a tree of the older order, whose links come first, is read below `..data` alone", async () => {
  await using fixture = openFixture();
  const writer = await fixture.writer();
  await writer.write({ a: "1" }, { order: "legacy" });
  await writer.write({ a: "2", b: "2" }, { order: "legacy", crashAfter: "temporary-link" });
  const provider = fixture.open();
  expect(fs.readlinkSync(join(fixture.root, "b"))).toBe("..data/b");
  expect(await textOf(read(provider, "a"))).toBe("1");
  await writer.run([{ do: "clean" }]);
  await writer.write({ a: "3", b: "3" }, { order: "legacy" });
  expect(await textOf(read(provider, "."))).toEqual({ a: "3", b: "3" });
});
