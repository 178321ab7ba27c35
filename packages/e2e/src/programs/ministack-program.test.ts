import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bareMachine } from "./bare-machine.ts";
import { findMinistack, hasPython, installMinistack } from "./ministack-program.ts";

const machine = bareMachine();

describe("the stand-in for AWS", () => {
  test("is installed into an environment of its own, once, and anew after a half that was left", async () => {
    machine.install("python3", `[ "$1" = -c ] || { mkdir -p "$3/bin"; cp ${machine.home}/bin/pip "$3/bin/pip"; }`);
    machine.install("pip", `echo "$@" >>${machine.home}/bin/log; touch "$(dirname "$0")/ministack"`);
    expect(hasPython()).toBe(true);
    expect(findMinistack()).toBeUndefined();
    const half = join(machine.home, "tacit-e2e/ministack-1.5.33/half");
    mkdirSync(half, { recursive: true });
    const [path] = await Promise.all([installMinistack(), installMinistack()]);
    expect(findMinistack()).toBe(path);
    expect(existsSync(half)).toBe(false);
    expect(readFileSync(join(machine.home, "bin/log"), "utf8")).toBe("install --quiet ministack==1.5.33\n");
  });
});
