import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { bareMachine } from "./bare-machine.ts";
import { type ModulePatch, patchModule } from "./patch-module.ts";

const machine = bareMachine();

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
  const place = (): string => join(machine.home, "module");

  beforeEach(() => {
    const source = join(machine.home, "modules/sdk");
    write(join(source, "check.go"), "if strict { panic() }");
    write(join(source, "deep/other.go"), "package other");
    chmodSync(join(source, "check.go"), 0o444);
    machine.install("go", `[ "$4" = example.com/sdk@v1 ] && echo '{"Dir": "${source}"}'`);
  });

  test("in a copy, which can be written whatever the original is like", () => {
    patchModule(patch, place());
    expect(readFileSync(join(place(), "sdk/check.go"), "utf8")).toBe("if false { panic() }");
    writeFileSync(join(place(), "sdk/check.go"), "");
    expect(readFileSync(join(place(), "sdk/deep/other.go"), "utf8")).toBe("package other");
    expect(readFileSync(join(machine.home, "modules/sdk/check.go"), "utf8")).toBe("if strict { panic() }");
  });

  test("only where there is exactly one place for it", () => {
    const find = "no such line";
    expect(() => patchModule({ ...patch, find }, place())).toThrow("has 0 places to change in check.go, not one");
  });
});
