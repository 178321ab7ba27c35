import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "@tacit/core";
import { describe, expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";
import { nodeFileSystem } from "./file-system.ts";

/** Writes a file in place. */
function put(file: string, content: string): void {
  fs.mkdirSync(dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

/** Changes the target of a link atomically. */
function turn(target: string, link: string): void {
  fs.symlinkSync(target, `${link}.next`);
  fs.renameSync(`${link}.next`, link);
}

interface Shape {
  readonly path: string;
  /** `home` is the parent directory of the root, which is `home/linked`. */
  set(home: string): void;
  change(home: string): void;
  readonly fields?: boolean;
}

const one = "s3cret-fixture-1";
const two = "s3cret-fixture-2";

const shapes: Readonly<Record<string, Shape>> = {
  "a file; the root is a link, the file is written": {
    path: "token",
    set(home) {
      put(join(home, "real/token"), one);
      fs.symlinkSync("real", join(home, "linked"));
    },
    change: (home) => put(join(home, "real/token"), two),
  },
  "a file; the root is a link that is turned": {
    path: "token",
    set(home) {
      put(join(home, "g1/token"), one);
      put(join(home, "g2/token"), two);
      fs.symlinkSync("g1", join(home, "linked"));
    },
    change: (home) => turn("g2", join(home, "linked")),
  },
  "a file; a directory above it is a link that is turned": {
    path: "current/token",
    set(home) {
      put(join(home, "linked/r1/token"), one);
      put(join(home, "linked/r2/token"), two);
      fs.symlinkSync("r1", join(home, "linked/current"));
    },
    change: (home) => turn("r2", join(home, "linked/current")),
  },
  "a file that is a link whose target is written": {
    path: "token",
    set(home) {
      put(join(home, "linked/archive/t"), one);
      fs.symlinkSync("archive/t", join(home, "linked/token"));
    },
    change: (home) => put(join(home, "linked/archive/t"), two),
  },
  "a file that is a link that is turned, as certbot does": {
    path: "token",
    set(home) {
      put(join(home, "linked/archive/t1"), one);
      put(join(home, "linked/archive/t2"), two);
      fs.symlinkSync("archive/t1", join(home, "linked/token"));
    },
    change: (home) => turn("archive/t2", join(home, "linked/token")),
  },
  "a directory; the root is a link to it, a key is written": {
    path: ".",
    fields: true,
    set(home) {
      put(join(home, "real/key"), one);
      fs.symlinkSync("real", join(home, "linked"));
    },
    change: (home) => put(join(home, "real/key"), two),
  },
  "a directory; the root is a link that is turned, as sops-nix and agenix do": {
    path: "db",
    fields: true,
    set(home) {
      put(join(home, "g1/db/key"), one);
      put(join(home, "g2/db/key"), two);
      fs.symlinkSync("g1", join(home, "linked"));
    },
    change(home) {
      turn("g2", join(home, "linked"));
      fs.rmSync(join(home, "g1"), { recursive: true });
    },
  },
  "a directory that is a link; a key is written": {
    path: "db",
    fields: true,
    set(home) {
      put(join(home, "linked/real/key"), one);
      fs.symlinkSync("real", join(home, "linked/db"));
    },
    change: (home) => put(join(home, "linked/real/key"), two),
  },
  "a directory; above it a link is turned": {
    path: "current/db",
    fields: true,
    set(home) {
      put(join(home, "linked/r1/db/key"), one);
      put(join(home, "linked/r2/db/key"), two);
      fs.symlinkSync("r1", join(home, "linked/current"));
    },
    change: (home) => turn("r2", join(home, "linked/current")),
  },
  "a directory of links; a target is written": {
    path: "db",
    fields: true,
    set(home) {
      put(join(home, "linked/archive/key"), one);
      fs.mkdirSync(join(home, "linked/db"));
      fs.symlinkSync("../archive/key", join(home, "linked/db/key"));
    },
    change: (home) => put(join(home, "linked/archive/key"), two),
  },
  "a directory of links; one is turned": {
    path: "db",
    fields: true,
    set(home) {
      put(join(home, "linked/archive/k1"), one);
      put(join(home, "linked/archive/k2"), two);
      fs.mkdirSync(join(home, "linked/db"));
      fs.symlinkSync("../archive/k1", join(home, "linked/db/key"));
    },
    change: (home) => turn("../archive/k2", join(home, "linked/db/key")),
  },
};

describe("a change of the target of a link is reported", () => {
  test.each(Object.keys(shapes))("%s", async (name) => {
    await using fixture = openFixture();
    const shape = shapes[name] as Shape;
    shape.set(fixture.root);
    const value = (text: string): unknown => (shape.fields === true ? { key: text } : text);
    const provider = fixture.open({ root: join(fixture.root, "linked") });
    const recorder = await listen(provider, shape.path);
    await recorder.hears(shape.path, value(one));
    expect(recorder.subscription.state).toEqual({ mode: "push" });
    await recorder.isTold(() => shape.change(fixture.root));
    await recorder.hears(shape.path, value(two));
  });

  test("a volume behind a link that changes to another volume", async () => {
    await using fixture = openFixture();
    await (await fixture.writer("v1")).write({ key: one });
    const second = await fixture.writer("v2");
    await second.write({ key: two });
    fs.symlinkSync("v1", join(fixture.root, "db"));
    const recorder = await listen(fixture.open(), "db");
    await recorder.hears("db", { key: one });
    await recorder.isTold(() => turn("v2", join(fixture.root, "db")));
    await recorder.hears("db", { key: two });
    await recorder.isTold(() => second.write({ key: "3" }));
    await recorder.hears("db", { key: "3" });
  });

  test("a dangling link, when its target appears", async () => {
    await using fixture = openFixture();
    fs.mkdirSync(join(fixture.root, "archive"));
    fs.symlinkSync("archive/t1", join(fixture.root, "token"));
    const recorder = await listen(fixture.open(), "token");
    await recorder.isTold(() => put(join(fixture.root, "archive/t1"), one));
    await recorder.hears("token", one);
  });

  test("more directories than can be watched are polled, and reported as such", async () => {
    await using fixture = openFixture();
    for (let index = 0; index < 300; index++) put(join(fixture.root, `db/d${index}/key`), one);
    const recorder = await listen(fixture.open(), "db");
    expect(recorder.subscription.state).toEqual({ mode: "poll", code: "many-directories" });
  });
});

describe("a root that is a link", () => {
  test.each([
    ["a file", "db/password", "pass-2"],
    ["a directory", "db", { password: "pass-2" }],
    ["a file behind a link", "link", "pass-2"],
  ])("changes during a read: %s is never reported as outside the root", async (_what, path, expected) => {
    await using fixture = openFixture();
    for (const revision of ["1", "2"]) {
      put(join(fixture.root, revision, "db/password"), `pass-${revision}`);
      fs.symlinkSync("db/password", join(fixture.root, revision, "link"));
    }
    const root = join(fixture.root, "current");
    fs.symlinkSync("1", root);
    let turns = 1;
    const turnOnce = (file: unknown): void => {
      if (turns-- > 0 && file === root) turn("2", root);
    };
    // The link changes after the root is resolved, and before the file is.
    const fileSystem = {
      ...nodeFileSystem,
      realpathSync(file: string) {
        const real = nodeFileSystem.realpathSync(file);
        turnOnce(file);
        return real;
      },
      promises: {
        ...nodeFileSystem.promises,
        realpath: (async (file: string) => {
          const real = await nodeFileSystem.promises.realpath(file);
          turnOnce(file);
          return real;
        }) as typeof fs.promises.realpath,
      },
    };
    expect(await textOf(read(fixture.open({ root }, fileSystem), path))).toEqual(expected);
  });
});

describe("a directory of a path that is replaced by a link during a read", () => {
  test.each(["d/token", "d"])("never leads outside the root: %s", async (path) => {
    // The files are old enough to be read only once.
    await using fixture = openFixture({ clock: { ...systemClock, now: () => Date.now() + 10_000 } });
    put(join(fixture.root, "d/token"), "inside");
    put(`${fixture.root}-outside/token`, "outside");
    let isSwapped = false;
    const open = (async (...input: Parameters<typeof fs.promises.open>) => {
      if (!isSwapped && String(input[0]).endsWith("token")) {
        isSwapped = true;
        fs.renameSync(join(fixture.root, "d"), join(fixture.root, "away"));
        fs.symlinkSync(`${fixture.root}-outside`, join(fixture.root, "d"));
      }
      return await fs.promises.open(...input);
    }) as typeof fs.promises.open;
    const fileSystem = { ...nodeFileSystem, promises: { ...nodeFileSystem.promises, open } };
    const failure = { code: "INVALID_VALUE", reason: "outside-root" };
    await expect(read(fixture.open({}, fileSystem), path)).rejects.toMatchObject(failure);
    expect(isSwapped).toBe(true);
  });
});
