import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";
import { programSources } from "./program-source.ts";

/** What each test of a file finds in place of this machine. */
export interface BareMachine {
  /** A folder of the test's own; its cache is there, and PATH begins at its `bin`. */
  readonly home: string;
  /** Puts a shell script on PATH. */
  install(name: string, script: string): string;
}

/** Gives each test of a file a machine with an empty cache, and no program but the system's and those that it installs. */
export function bareMachine(): BareMachine {
  let home = "";

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "programs-"));
    mkdirSync(join(home, "bin"));
    vi.stubEnv("XDG_CACHE_HOME", home);
    vi.stubEnv("PATH", [join(home, "bin"), "/usr/bin", "/bin"].join(delimiter));
    for (const { variable } of programSources) vi.stubEnv(variable, undefined);
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(home, { recursive: true });
  });

  return {
    get home() {
      return home;
    },
    install(name, script) {
      const path = join(home, "bin", name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    },
  };
}
