import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";

/**
 * Returns a port of the loopback address that stays free while the server on it is down: no process of these tests
 * claims it as well, and it lies outside of the range that outgoing connections take their ports from.
 * @param start where the search begins. Default: another place for each process, so that each finds one soon
 * @throws when there is none
 */
export async function claimPort(start: number = process.pid * 61): Promise<number> {
  const { first, last } = claimablePorts();
  const pairs = Math.floor((last - first + 1) / 2);
  for (let step = 0; step < pairs; step += 1) {
    const port = first + 2 * ((start + step) % pairs);
    // Held by this process until it ends: the system forgets the claim of one that was killed.
    const claim = await listen(port + 1);
    if (claim === undefined) continue;
    const server = await listen(port);
    if (server === undefined) {
      claim.close();
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error(`no port of ${first} to ${last} is free`);
}

/** The ports that servers may be given; the first one is even, and each has the one after it for its claim. */
export function claimablePorts(outgoing: PortRange = outgoingPorts()): PortRange {
  const lowest = 10_000;
  const first = outgoing.first - lowest >= 1000 ? lowest : outgoing.last + 1;
  const last = first === lowest ? outgoing.first - 1 : 65_535;
  return { first: first + (first % 2), last };
}

/** Both ends belong to it. */
interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Where the system takes the ports of connections from; elsewhere than on Linux, what IANA sets aside for that. */
function outgoingPorts(): PortRange {
  try {
    const [first = 0, last = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
      .split(/\s+/)
      .map(Number);
    return { first, last };
  } catch {
    return { first: 49_152, last: 65_535 };
  }
}

/** Undefined where somebody else listens. It does not keep the process running. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen({ port, host: "127.0.0.1" }).unref();
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}
