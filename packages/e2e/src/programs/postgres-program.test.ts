import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { bareMachine } from "./bare-machine.ts";
import { fetchPostgres, findPostgres } from "./postgres-program.ts";

const machine = bareMachine();

describe("PostgreSQL", () => {
  test("is the one that its variable names, before all", () => {
    machine.install("postgres", "echo 'postgres (PostgreSQL) 16.1'");
    const named = machine.install("another", "");
    vi.stubEnv("TACIT_E2E_POSTGRES", named);
    expect(findPostgres()).toBe(named);
  });

  test("is the one on PATH if its version fits", () => {
    const installed = machine.install("postgres", "echo 'postgres (PostgreSQL) 16.1'");
    expect(findPostgres()).toBe(installed);
    machine.install("postgres", "echo 'postgres (PostgreSQL) 9.6.24'");
    expect(findPostgres()).not.toBe(installed);
  });

  test("is not taken from packages that hold no server, and leaves nothing of them", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    machine.install("apt-get", "exit 0");
    await expect(fetchPostgres()).rejects.toThrow("hold no server");
    expect(readdirSync(join(machine.home, "tacit-e2e"))).toEqual([]);
  });

  test("is unpacked from what the system lacks, once", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    machine.install(
      "apt-get",
      `echo "$@" >>${machine.home}/bin/log
       [ "$1" = download ] && exec touch server.deb
       [ "$1" = update ] && exit
       echo "'http://example.com/postgresql-15_15.1_amd64.deb' postgresql-15_15.1_amd64.deb 1 SHA256:0"`,
    );
    machine.install("dpkg", "mkdir -p root/usr/lib/postgresql/15/bin && touch root/usr/lib/postgresql/15/bin/postgres");
    const paths = await Promise.all([fetchPostgres(), fetchPostgres()]);
    expect(paths).toEqual(
      Array.from({ length: 2 }, () => join(machine.home, "tacit-e2e/postgres/usr/lib/postgresql/15/bin/postgres")),
    );
    const asked = readFileSync(join(machine.home, "bin/log"), "utf8");
    expect(asked.match(/^download postgresql-15 /gm)).toHaveLength(1);
    expect(readdirSync(join(machine.home, "tacit-e2e"))).toEqual(["postgres"]);
  });
});
