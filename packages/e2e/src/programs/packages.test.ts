import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findMinistack, hasPython, installMinistack } from "./ministack-program.ts";
import { type ModulePatch, patchModule } from "./patch-module.ts";
import { fetchPostgres, findPostgres } from "./postgres-program.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "packages-"));
  mkdirSync(join(home, "bin"));
  vi.stubEnv("XDG_CACHE_HOME", home);
  vi.stubEnv("PATH", `${join(home, "bin")}:/usr/bin:/bin`);
  vi.stubEnv("TACIT_E2E_POSTGRES", undefined);
  vi.stubEnv("TACIT_E2E_MINISTACK", undefined);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

/** Puts a shell script on PATH. */
function install(name: string, script: string): string {
  const path = join(home, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

describe("a module is changed", () => {
  const patch: ModulePatch = {
    module: "example.com/sdk@v1",
    folder: "sdk",
    file: "check.go",
    find: "if strict {",
    replacement: "if false {",
  };
  const place = (): string => join(home, "module");

  beforeEach(() => {
    const source = join(home, "modules/sdk");
    write(join(source, "check.go"), "if strict { panic() }");
    write(join(source, "deep/other.go"), "package other");
    chmodSync(join(source, "check.go"), 0o444);
    install("go", `[ "$4" = example.com/sdk@v1 ] && echo '{"Dir": "${source}"}'`);
  });

  test("in a copy, which can be written whatever the original is like", () => {
    patchModule(patch, place());
    expect(readFileSync(join(place(), "sdk/check.go"), "utf8")).toBe("if false { panic() }");
    writeFileSync(join(place(), "sdk/check.go"), "");
    expect(readFileSync(join(place(), "sdk/deep/other.go"), "utf8")).toBe("package other");
    expect(readFileSync(join(home, "modules/sdk/check.go"), "utf8")).toBe("if strict { panic() }");
  });

  test("only where there is exactly one place for it", () => {
    const find = "no such line";
    expect(() => patchModule({ ...patch, find }, place())).toThrow("has 0 places to change in check.go, not one");
  });
});

describe("PostgreSQL", () => {
  test("is the one that its variable names, before all", () => {
    install("postgres", "echo 'postgres (PostgreSQL) 16.1'");
    const named = install("another", "");
    vi.stubEnv("TACIT_E2E_POSTGRES", named);
    expect(findPostgres()).toBe(named);
  });

  test("is the one on PATH if its version fits", () => {
    const installed = install("postgres", "echo 'postgres (PostgreSQL) 16.1'");
    expect(findPostgres()).toBe(installed);
    install("postgres", "echo 'postgres (PostgreSQL) 9.6.24'");
    expect(findPostgres()).not.toBe(installed);
  });

  test("is not taken from packages that hold no server, and leaves nothing of them", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    install("apt-get", "exit 0");
    await expect(fetchPostgres()).rejects.toThrow("hold no server");
    expect(readdirSync(join(home, "tacit-e2e"))).toEqual([]);
  });

  test("is unpacked from what the system lacks, once", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    install(
      "apt-get",
      `echo "$@" >>${home}/bin/log
       [ "$1" = download ] && exec touch server.deb
       [ "$1" = update ] && exit
       echo "'http://example.com/postgresql-15_15.1_amd64.deb' postgresql-15_15.1_amd64.deb 1 SHA256:0"`,
    );
    install("dpkg", "mkdir -p root/usr/lib/postgresql/15/bin && touch root/usr/lib/postgresql/15/bin/postgres");
    const paths = await Promise.all([fetchPostgres(), fetchPostgres()]);
    expect(paths).toEqual(
      Array.from({ length: 2 }, () => join(home, "tacit-e2e/postgres/usr/lib/postgresql/15/bin/postgres")),
    );
    const asked = readFileSync(join(home, "bin/log"), "utf8");
    expect(asked.match(/^download postgresql-15 /gm)).toHaveLength(1);
    expect(readdirSync(join(home, "tacit-e2e"))).toEqual(["postgres"]);
  });
});

describe("the stand-in for AWS", () => {
  test("is installed into an environment of its own, once, and anew after a half that was left", async () => {
    install("python3", `[ "$1" = -c ] || { mkdir -p "$3/bin"; cp ${home}/bin/pip "$3/bin/pip"; }`);
    install("pip", `echo "$@" >>${home}/bin/log; touch "$(dirname "$0")/ministack"`);
    expect(hasPython()).toBe(true);
    expect(findMinistack()).toBeUndefined();
    const half = join(home, "tacit-e2e/ministack-1.5.33/half");
    write(half, "");
    const [path] = await Promise.all([installMinistack(), installMinistack()]);
    expect(findMinistack()).toBe(path);
    expect(existsSync(half)).toBe(false);
    expect(readFileSync(join(home, "bin/log"), "utf8")).toBe("install --quiet ministack==1.5.33\n");
  });
});
