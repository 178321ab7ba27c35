import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { bareMachine } from "./bare-machine.ts";
import { findPythonProgram, hasPython, installPythonProgram, pythonPrograms } from "./python-program.ts";

const machine = bareMachine();

describe.for(pythonPrograms)("$name", (program) => {
  test("is installed into an environment of its own, once, and anew after a half that was left", async () => {
    machine.install("python3", `[ "$1" = -c ] || { mkdir -p "$3/bin"; cp ${machine.home}/bin/pip "$3/bin/pip"; }`);
    machine.install("pip", `echo "$@" >>${machine.home}/bin/log; touch "$(dirname "$0")/${program.command}"`);
    expect(hasPython()).toBe(true);
    expect(findPythonProgram(program)).toBeUndefined();
    const half = join(machine.home, `tacit-e2e/${program.name}-${program.release}/half`);
    mkdirSync(half, { recursive: true });
    const [path] = await Promise.all([installPythonProgram(program), installPythonProgram(program)]);
    expect(findPythonProgram(program)).toBe(path);
    expect(existsSync(half)).toBe(false);
    const asked = readFileSync(join(machine.home, "bin/log"), "utf8");
    expect(asked).toBe(`install --quiet ${program.package}==${program.release}\n`);
    expect(dirname(dirname(path))).toBe(dirname(half));
  });
});

test("an OpenBao on PATH is taken if its version fits", () => {
  const openbao = pythonPrograms.find(({ name }) => name === "openbao");
  if (openbao === undefined) throw new Error("it is not in the list");
  const installed = machine.install("bao", "echo 'OpenBao v2.7.2 (9e0a0d3c), committed 2026-10-26'");
  expect(findPythonProgram(openbao)).toBe(installed);
  machine.install("bao", "echo 'OpenBao v2.2.0 (0123abcd), built 2025-03-05'");
  expect(findPythonProgram(openbao)).toBeUndefined();
});
