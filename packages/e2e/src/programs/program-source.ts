import { buildProgram, hasGo } from "./build-program.ts";
import { findProgram } from "./find-program.ts";
import { fetchPostgres, findPostgres, hasPackages, postgresVariable } from "./postgres-program.ts";
import { type ProgramName, programs } from "./programs.ts";
import { findPythonProgram, hasPython, installPythonProgram, pythonPrograms } from "./python-program.ts";

/** Where a program comes from. */
export interface ProgramSource {
  readonly name: ProgramName;
  /** Environment variable that may hold the path of an installed one. */
  readonly variable: string;
  /** What it takes to get one where none is found. */
  readonly requirement: string;
  find(): string | undefined;
  /** Whether that is here. */
  canGet(): boolean;
  /** Takes minutes the first time. */
  get(): Promise<string>;
}

/** All programs that the tests start. */
export const programSources: readonly ProgramSource[] = [
  ...programs.map(
    (program): ProgramSource => ({
      name: program.name,
      variable: program.variable,
      requirement: "Go 1.25 or later",
      find: () => findProgram(program),
      canGet: hasGo,
      get: () => buildProgram(program),
    }),
  ),
  {
    name: "postgres",
    variable: postgresVariable,
    requirement: "apt-get and dpkg",
    find: findPostgres,
    canGet: hasPackages,
    get: fetchPostgres,
  },
  ...pythonPrograms.map(
    (program): ProgramSource => ({
      name: program.name,
      variable: program.variable,
      requirement: "Python 3 with venv",
      find: () => findPythonProgram(program),
      canGet: hasPython,
      get: () => installPythonProgram(program),
    }),
  ),
];
