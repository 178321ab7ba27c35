import { BlockList, isIP } from "node:net";
import { SecretError } from "@tacit/core/provider";

/** The destination of a client's connections. */
export interface AgentTarget {
  readonly url: URL;
  /** See `HttpClientOptions.proxy`. */
  readonly proxy: string;
}

/**
 * Returns the proxy for a store; undefined if there is none.
 * @throws {SecretError} INVALID_CONFIG `invalid` for a proxy that is not an http or https URL
 */
export function proxyOf({ url, proxy }: AgentTarget): URL | undefined {
  if (proxy === "none") return undefined;
  const address = proxy === "environment" ? environmentProxy(url) : proxy;
  if (address === "") return undefined;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return new URL(address);
  throw new SecretError("INVALID_CONFIG", "the proxy is not an http or https URL", {
    reason: "invalid",
    tip: 'Write it as "http://proxy.example:3128", in the option or in HTTPS_PROXY; SOCKS is not supported.',
  });
}

/** Returns the proxy of the environment by the rules of Go, which operators expect; an empty text if there is none. @see https://pkg.go.dev/golang.org/x/net/http/httpproxy */
function environmentProxy(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost" || contains(loopback, host)) return "";
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const exceptions = (variable("no_proxy") ?? "").toLowerCase().split(/[\s,]+/);
  if (exceptions.some((entry) => entry !== "" && isMeant(entry, host, port))) return "";
  const proxy = variable(`${url.protocol.slice(0, -1)}_proxy`) ?? variable("all_proxy") ?? "";
  return proxy === "" || proxy.includes("://") ? proxy : `http://${proxy}`;
}

function variable(name: string): string | undefined {
  return process.env[name] || process.env[name.toUpperCase()] || undefined;
}

/** Returns whether an entry of NO_PROXY matches a host: `*`, a network, or an address or name with an optional port. */
function isMeant(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [, network, bits] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== undefined) return isIn(network, Number(bits), host);
  const [, withPort, itsPort = port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  const name = (withPort ?? entry).replace(/^\[|\]$/g, "");
  if (itsPort !== port) return false;
  if (isIP(name) !== 0) return isIn(name, isIP(name) === 4 ? 32 : 128, host);
  // A name also matches its subdomains; a name with a leading dot matches only those.
  return (
    host === name || (isIP(host) === 0 && host.endsWith(/^[.*]/.test(name) ? name.replace(/^\*/, "") : `.${name}`))
  );
}

function isIn(network: string, bits: number, host: string): boolean {
  const address = network.replace(/^\[|\]$/g, "");
  const family = familyOf(address);
  if (family === undefined || bits > (family === "ipv4" ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return contains(list, host);
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function contains(list: BlockList, host: string): boolean {
  const family = familyOf(host);
  return family !== undefined && list.check(host, family);
}

function familyOf(host: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(host);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}
