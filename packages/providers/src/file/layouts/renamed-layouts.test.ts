import { expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";
import type { RenameStep, RenameWrite } from "../../../test/file/rename-writer.ts";
import { createStrictFileSystem } from "../../../test/file/strict-file-system.ts";

const gone = { status: "not-found", definitive: true };
/** Long enough that half of it is a value of its own. */
const whole = (name: string, version: number): string => `${version}:${name}${"x".repeat(2000)}:${version}`;
const isWhole = (value: string): boolean => /^(\d+):[a-z]+x{2000}:\1$/.test(value);

const write = (name: string, version: number, how: RenameWrite): RenameStep => ({
  do: "write",
  name,
  content: whole(name, version),
  ...how,
});

test.each<[string, RenameWrite]>([
  ["Vault Agent and consul-template", { style: "consul-template" }],
  ["consul-template with backups", { style: "consul-template", backup: true }],
  ["Vault Agent's token sink", { style: "token-sink", mode: 0o640 }],
  ["the AWS provider of the CSI driver", { style: "aws-csi" }],
  ["a writer in place", { style: "in-place" }],
])(
  "%s writes 100 times: each file is whole, the last one is read, and no temporary name is a field",
  async (_who, how) => {
    await using fixture = openFixture();
    const writer = await fixture.renamer("secrets");
    await writer.run([write("username", 0, how), write("password", 0, how)]);
    const provider = fixture.open();
    const recorder = await listen(provider, "secrets", "secrets/password");
    let isDone = false;
    let reads = 0;
    const reading = (async () => {
      while (!isDone) {
        const fields = await textOf(read(provider, "secrets")).catch((error: { reason?: string }) => error.reason);
        if (fields === "unsettled") continue;
        reads += 1;
        expect(Object.keys(fields as object).sort()).toEqual(["password", "username"]);
        expect(Object.values(fields as Record<string, string>).every(isWhole)).toBe(true);
      }
    })();
    try {
      for (let version = 1; version <= 100; version++) {
        const pause = { do: "pause", ms: version % 20 === 0 ? 40 : 0 } as const;
        await writer.run([write("username", version, how), write("password", version, how), pause]);
      }
      const last = { username: whole("username", 100), password: whole("password", 100) };
      await recorder.hears("secrets", last);
      await recorder.hears("secrets/password", last.password);
    } finally {
      isDone = true;
      await reading;
    }
    expect(reads).toBeGreaterThan(0);
  },
  60_000,
);

test("an agent that renders the same again writes nothing, and one that does is no change", async () => {
  await using fixture = openFixture();
  const writer = await fixture.renamer();
  await writer.run([write("token", 1, { style: "consul-template" })]);
  const provider = fixture.open();
  const first = await read(provider, "token");
  if (first.status !== "ok") throw new Error("nothing was read");
  expect(await writer.run([write("token", 1, { style: "consul-template" })])).toEqual([{ written: false }]);
  await writer.run([write("token", 1, { style: "token-sink" })]);
  expect(await read(provider, "token", first.version)).toEqual({ status: "not-modified", version: first.version });
});

test.each<[string, RenameWrite]>([
  ["with half of its file written", { style: "consul-template", crashAfter: "half" }],
  ["before its rename", { style: "aws-csi", crashAfter: "temporary" }],
  ["between backup and rename", { style: "consul-template", backup: true, crashAfter: "backup" }],
])("a writer that is killed %s leaves the old value, and the next one is heard", async (_when, how) => {
  await using fixture = openFixture();
  const writer = await fixture.renamer();
  await writer.run([write("token", 1, { style: "consul-template" })]);
  const provider = fixture.open();
  const recorder = await listen(provider, "token");
  await writer.run([write("token", 2, how)]);
  expect(await textOf(read(provider, "token"))).toBe(whole("token", 1));
  const { crashAfter: _died, ...sound } = how;
  await Promise.all([writer.run([write("token", 3, sound)]), recorder.hears("token", whole("token", 3))]);
});

test("a file that may not be read for a while is denied for as long, and its directory may go and come back", async () => {
  await using fixture = openFixture();
  const writer = await fixture.renamer("agent");
  const how = { style: "consul-template" } as const;
  await writer.run([write("token", 1, how)]);
  const provider = fixture.open({}, createStrictFileSystem().fileSystem);
  const recorder = await listen(provider, "agent/token");
  await recorder.hears("agent/token", whole("token", 1));
  await Promise.all([
    writer.run([{ do: "chmod", name: "token", mode: 0 }]),
    recorder.hears("agent/token", "PERMISSION_DENIED"),
  ]);
  await Promise.all([
    writer.run([{ do: "chmod", name: "token", mode: 0o600 }]),
    recorder.hears("agent/token", whole("token", 1)),
  ]);
  await Promise.all([writer.run([{ do: "move-away" }]), recorder.hears("agent/token", gone)]);
  await Promise.all([writer.run([{ do: "move-back" }]), recorder.hears("agent/token", whole("token", 1))]);
  await Promise.all([writer.run([{ do: "remove" }]), recorder.hears("agent/token", gone)]);
  await Promise.all([
    writer.run([{ do: "create" }, write("token", 2, how)]),
    recorder.hears("agent/token", whole("token", 2)),
  ]);
});
