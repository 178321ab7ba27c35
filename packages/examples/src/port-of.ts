import type { AddressInfo, Server } from "node:net";

/** The port that the system gave to a server that listens. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
