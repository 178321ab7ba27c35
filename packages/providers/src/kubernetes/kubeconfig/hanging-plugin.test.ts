import { existsSync, readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { type KubernetesFixture, openFixture, read } from "../../../test/kubernetes/fixture.ts";
import { execUser, KubeconfigFiles } from "../../../test/kubernetes/kubeconfig-files.ts";

const files = new KubeconfigFiles();
afterAll(() => files.remove());

/** Creates a plugin that starts another program, writes both process ids to a file, and waits until the file `go` exists. */
function hangingPlugin(name: string, token: string): string {
  return files.executable(
    name,
    `#!/bin/sh
sleep 1000 &
echo "$$ $!" >> '${files.directory}/${name}.pids'
while [ ! -e '${files.directory}/${name}.go' ]; do sleep 0.01; done
kill $!
echo '{"kind":"ExecCredential","status":{"token":"${token}"}}'
`,
  );
}

async function pidsOf(name: string): Promise<readonly number[]> {
  const file = `${files.directory}/${name}.pids`;
  while (!existsSync(file) || !readFileSync(file, "utf8").includes("\n")) await setImmediate();
  return readFileSync(file, "utf8").trim().split(/\s+/).map(Number);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie counts as dead.
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

async function untilEnded(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await setImmediate();
}

const open = (fixture: KubernetesFixture, command: string, more: object = {}) => {
  const user = execUser(command, { args: ["--token=s3cret-fixture"], ...more });
  const kubeconfig = files.config(fixture, { user });
  return { kubeconfig, provider: fixture.open({ kubeconfig }) };
};
const failure = (reading: Promise<unknown>): Promise<unknown> => reading.catch((error: unknown) => error);

describe.skipIf(process.platform !== "linux")("an exec plugin that hangs", () => {
  test("fails the read before its deadline with the command and the file, and later reads share its run", async () => {
    await using fixture = await openFixture();
    const command = hangingPlugin("slow", fixture.tokens.at(-1) ?? "");
    const { kubeconfig, provider } = open(fixture, command);
    const first = failure(read(await provider, "db"));
    await pidsOf("slow");
    await fixture.clock.advance(9000);
    const error = (await first) as Error;
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "timeout", retryable: true });
    expect(error.message).toBe(
      `the command "${command}" of the kubeconfig "${kubeconfig}" has not answered within 9 s`,
    );
    expect(`${error.message} ${error.stack}`).not.toContain("s3cret-fixture");
    const second = read(await provider, "db");
    files.text("slow.go", "");
    expect(await second).toMatchObject({ status: "not-found" });
    expect(await pidsOf("slow")).toHaveLength(2);
  });

  test("is killed after a minute with the programs that it has started, and the next read starts it again", async () => {
    await using fixture = await openFixture();
    const command = hangingPlugin("stuck", "");
    const { kubeconfig, provider } = open(fixture, command);
    const first = failure(read(await provider, "db"));
    const pids = await pidsOf("stuck");
    await fixture.clock.advance(55_000);
    await first;
    const second = failure(read(await provider, "db"));
    await fixture.clock.flush();
    await fixture.clock.advance(5000);
    expect(await second).toMatchObject({
      code: "UNAVAILABLE",
      reason: "timeout",
      message: `the command "${command}" of the kubeconfig "${kubeconfig}" did not end within 60 s and was killed`,
    });
    await untilEnded(pids);
    const third = failure(read(await provider, "db"));
    while ((await pidsOf("stuck")).length < 4) await setImmediate();
    await (await provider).close?.();
    expect(await third).toMatchObject({ code: "CLOSED" });
    await untilEnded(await pidsOf("stuck"));
    expect(fixture.clock.armed).toBe(0);
  });

  test("that leaves a background program with its output open is killed together with it", async () => {
    await using fixture = await openFixture();
    const command = files.executable(
      "daemon",
      `#!/bin/sh\nsleep 1000 &\necho "$$ $!" > '${files.directory}/daemon.pids'\n`,
    );
    const { provider } = open(fixture, command, { args: [] });
    const first = failure(read(await provider, "db"));
    const pids = await pidsOf("daemon");
    await fixture.clock.advance(60_000);
    expect(await first).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
    await untilEnded(pids);
  });

  test("that reads its input gets an empty one", async () => {
    await using fixture = await openFixture();
    const command = files.executable("reader", "#!/bin/sh\ncat\nexit 1\n");
    const { provider } = open(fixture, command, { args: [] });
    expect(await failure(read(await provider, "db"))).toMatchObject({ reason: "kubeconfig-login" });
  });

  test("that prints endlessly is killed and returns no credentials", async () => {
    await using fixture = await openFixture();
    const { provider } = open(fixture, "yes", { args: ["s3cret-fixture"] });
    expect(await failure(read(await provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED" });
  });
});
