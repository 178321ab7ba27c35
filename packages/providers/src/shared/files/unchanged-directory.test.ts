import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { conformanceHost } from "@tacit/core/conformance";
import type { Clock } from "@tacit/core/provider";
import { expect, test } from "vitest";
import { openFixture, read, textOf } from "../../../test/file/file-fixture.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/** Creates a file system that counts the listings of a directory. */
function countingFileSystem(): { readonly fileSystem: FileSystem; readonly listings: () => number } {
  let listings = 0;
  const readdirSync = ((...input: Parameters<typeof nodeFileSystem.readdirSync>) => {
    listings += 1;
    return nodeFileSystem.readdirSync(...input);
  }) as typeof nodeFileSystem.readdirSync;
  return { fileSystem: { ...nodeFileSystem, readdirSync }, listings: () => listings };
}

/** Creates a clock that is ahead, so that recent changes seem old. */
function clockAhead(ms: number): Clock {
  const { clock } = conformanceHost();
  return {
    now: () => clock.now() + ms,
    monotonic: () => clock.monotonic(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
  };
}

test("an unchanged directory is listed once for all missing names", async () => {
  await using fixture = openFixture({ clock: clockAhead(60_000) });
  mkdirSync(join(fixture.root, "team"));
  writeFileSync(join(fixture.root, "team/there"), "s3cret-fixture");
  const { fileSystem, listings } = countingFileSystem();
  const provider = fixture.open({}, fileSystem);
  for (const name of ["a", "b", "c"])
    expect(await read(provider, `team/${name}`)).toMatchObject({ status: "not-found", definitive: true });
  expect(listings()).toBe(1);
  expect(await textOf(read(provider, "team/there"))).toBe("s3cret-fixture");

  // A volume between two publications is not a directory without the key.
  rmSync(join(fixture.root, "team/there"));
  mkdirSync(join(fixture.root, "team/..2026_11_21_01_02_10.42"));
  symlinkSync("..2026_11_21_01_02_10.42", join(fixture.root, "team/..data_tmp"));
  await expect(read(provider, "team/a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test.each([
  ["has changed a moment ago", 0, "auto"],
  ["lies on a network mount", 60_000, "poll"],
] as const)("a directory that %s is listed each time", async (_title, ahead, watch) => {
  await using fixture = openFixture({ clock: clockAhead(ahead) });
  const { fileSystem, listings } = countingFileSystem();
  const provider = fixture.open({ watch }, fileSystem);
  for (const name of ["a", "b"]) await read(provider, name);
  expect(listings()).toBe(2);
});
