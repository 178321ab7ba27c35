import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { availableParallelism, constants, setPriority } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { withBuildLock } from "./build-lock.ts";
import { builtProgram, cacheFolder, findProgram, modulesFolder } from "./find-program.ts";
import { patchModule } from "./patch-module.ts";
import type { Program } from "./programs.ts";

/** Packages that are compiled at once. More of them take gigabytes on a machine with many cores, and gain little. */
const jobs = Math.min(availableParallelism(), 4);

/** Whether programs can be built here. */
export function hasGo(): boolean {
  return spawnSync("go", ["version"], { stdio: "ignore" }).status === 0;
}

/**
 * Builds a program into the cache, once: runs that come at the same time wait for the first one. Takes minutes where
 * nothing of it is cached, so it tells on standard error how it goes.
 * @throws with what the compiler said when the build fails
 */
export async function buildProgram(program: Program): Promise<string> {
  mkdirSync(cacheFolder(), { recursive: true });
  return await withBuildLock(join(cacheFolder(), "build.lock"), async () => {
    const found = findProgram(program);
    if (found !== undefined) return found;
    const workplace = mkdtempSync(join(cacheFolder(), "build-"));
    try {
      // In a copy: the compiler completes go.mod and go.sum by itself.
      cpSync(join(modulesFolder, program.module), join(workplace, "module"), { recursive: true });
      if (program.patch !== undefined) patchModule(program.patch, join(workplace, "module"));
      await compile(program, workplace);
      renameSync(join(workplace, program.name), builtProgram(program));
    } finally {
      rmSync(workplace, { recursive: true, force: true });
    }
    return builtProgram(program);
  });
}

async function compile(program: Program, workplace: string): Promise<void> {
  const started = performance.now();
  const tell = (what: string): void => void process.stderr.write(`e2e: ${program.name}: ${what}\n`);
  tell("not installed; building it from its Go module, once");
  const beat = setInterval(() => tell(`building, ${seconds(started)} so far`), 30_000);
  try {
    const linkerFlags = Object.entries(program.link ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    const output = join(workplace, program.name);
    const compiler = spawn(
      "go",
      [
        "build",
        `-p=${jobs}`,
        "-trimpath",
        "-ldflags",
        ["-s -w", ...linkerFlags].join(" "),
        "-o",
        output,
        program.entry,
      ],
      {
        cwd: join(workplace, "module"),
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod -buildvcs=false", GOWORK: "off" },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    // A whole machine is kept busy; whoever works on it meanwhile comes first.
    if (compiler.pid !== undefined) setPriority(compiler.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const [said, [status]] = await Promise.all([text(compiler.stderr), once(compiler, "close")]);
    if (status !== 0) throw new Error(`cannot build ${program.name}:\n${lastLines(said)}`);
    tell(`built in ${seconds(started)}`);
  } finally {
    clearInterval(beat);
  }
}

function lastLines(said: string): string {
  const lines = said.split("\n").filter((line) => !line.startsWith("go: downloading"));
  return lines.slice(-20).join("\n");
}

function seconds(since: number): string {
  return `${Math.round((performance.now() - since) / 1000)} s`;
}
