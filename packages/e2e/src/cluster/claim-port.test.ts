import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { claimablePorts, claimPort } from "./claim-port.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.disconnect();
});

test("ports lie below the range of outgoing connections, or above one that begins low", () => {
  expect(claimablePorts({ first: 32_768, last: 60_999 })).toEqual({ first: 10_000, last: 32_767 });
  expect(claimablePorts({ first: 1024, last: 60_999 })).toEqual({ first: 61_000, last: 65_535 });
  expect(claimablePorts({ first: 1024, last: 61_000 })).toEqual({ first: 61_002, last: 65_535 });
});

test("no port is claimed twice, by one process or by two", async () => {
  const { first, last } = claimablePorts();
  const ports = [...(await claimMany(8)), ...(await claimElsewhere()), ...(await claimElsewhere())];
  expect(new Set(ports).size).toBe(ports.length);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(first);
    expect(port).toBeLessThanOrEqual(last);
  }
});

test("a port that somebody listens on is not claimed, and one that was claimed can be listened on again and again", async () => {
  const port = await claimPort();
  for (let round = 0; round < 2; round += 1) {
    await using server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    expect(await claimMany(4)).not.toContain(port);
  }
});

function claimMany(count: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, () => claimPort()));
}

/** By a process that begins where this one does, and keeps what it claims until the test is over. */
async function claimElsewhere(): Promise<readonly number[]> {
  const child = fork(join(import.meta.dirname, "claim-port.process.ts"), [String(process.pid * 61)], { execArgv: [] });
  children.push(child);
  const [ports] = (await once(child, "message")) as [readonly number[]];
  return ports;
}
