import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { bareMachine } from "./bare-machine.ts";
import { withBuildLock } from "./build-lock.ts";
import { buildProgram, hasGo } from "./build-program.ts";
import { builtProgram, cacheFolder, findProgram } from "./find-program.ts";
import { type Program, programs } from "./programs.ts";

const machine = bareMachine();
const program: Program = {
  name: "etcd",
  variable: "TACIT_E2E_ETCD",
  version: /^etcd Version: 3\.6\./,
  module: "etcd",
  entry: ".",
};

/** A compiler that notes each build, takes a moment, and writes what it is asked for. */
function installGo(): void {
  machine.install(
    "go",
    `[ "$1" = version ] && exit 0; echo "$@" >>${machine.home}/builds; sleep 0.2; while [ "$1" != -o ]; do shift; done; echo built >"$2"`,
  );
}

const builds = (): readonly string[] => readFileSync(join(machine.home, "builds"), "utf8").trim().split("\n");

describe("a program is found", () => {
  test("where its variable says, before all", () => {
    machine.install("etcd", "echo etcd Version: 3.6.5");
    const named = machine.install("another-etcd", "");
    vi.stubEnv("TACIT_E2E_ETCD", named);
    expect(findProgram(program)).toBe(named);
  });

  test("on PATH if its version fits", () => {
    const installed = machine.install("etcd", "echo etcd Version: 3.6.5");
    expect(findProgram(program)).toBe(installed);
  });

  test("not on PATH if its version is another, or nobody can tell", () => {
    machine.install("etcd", "echo etcd Version: 3.4.30");
    expect(findProgram(program)).toBeUndefined();
    machine.install("etcd", "exit 1");
    expect(findProgram(program)).toBeUndefined();
  });

  test("in the cache once it is built", () => {
    expect(findProgram(program)).toBeUndefined();
    mkdirSync(cacheFolder());
    writeFileSync(builtProgram(program), "");
    expect(findProgram(program)).toBe(builtProgram(program));
  });

  test("never where its variable is wrong", () => {
    vi.stubEnv("TACIT_E2E_ETCD", join(machine.home, "absent"));
    expect(() => findProgram(program)).toThrow("TACIT_E2E_ETCD names no program");
  });
});

test("each program of other sources or another link has a place of its own", () => {
  const places = [...programs, program, { ...program, link: { a: "b" } }].map(builtProgram);
  // The local one is the list's own etcd.
  expect(new Set(places).size).toBe(programs.length + 1);
});

describe("a program is built", () => {
  test("once, however many ask for it at the same time", async () => {
    installGo();
    const paths = await Promise.all([buildProgram(program), buildProgram(program), buildProgram(program)]);
    expect(new Set(paths)).toEqual(new Set([builtProgram(program)]));
    expect(readFileSync(builtProgram(program), "utf8")).toBe("built\n");
    expect(builds()).toHaveLength(1);
    expect(readdirSync(cacheFolder()).map((name) => join(cacheFolder(), name))).toEqual([builtProgram(program)]);
  });

  test("with no more compilers at once than a small machine bears", async () => {
    installGo();
    await buildProgram(program);
    expect(builds()[0]).toMatch(/^build -p=[1-4] /);
  });

  test("with the compiler's words and without a trace when that fails", async () => {
    machine.install("go", 'echo "go: downloading everything" >&2; echo "main.go:3: no such thing" >&2; exit 1');
    await expect(buildProgram(program)).rejects.toThrow("cannot build etcd:\nmain.go:3: no such thing");
    expect(readdirSync(cacheFolder())).toEqual([]);
  });

  test("only where there is a compiler", () => {
    vi.stubEnv("PATH", join(machine.home, "bin"));
    expect(hasGo()).toBe(false);
    installGo();
    vi.stubEnv("PATH", [join(machine.home, "bin"), "/bin"].join(delimiter));
    expect(hasGo()).toBe(true);
  });

  test("also when a run that was building it has died", async () => {
    const lock = join(machine.home, "lock");
    // No process has a number that high.
    writeFileSync(lock, "4194305");
    await withBuildLock(lock, async () => expect(readFileSync(lock, "utf8")).toBe(String(process.pid)));
    expect(existsSync(lock)).toBe(false);
  });
});
