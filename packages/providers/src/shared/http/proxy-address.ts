import { BlockList, isIP } from "node:net";
import { SecretError } from "@tacit/core/provider";
import { getProxyForUrl } from "proxy-from-env";

/** Where the sockets of a client lead. */
export interface AgentTarget {
  readonly url: URL;
  /** See `HttpClientOptions.proxy`. */
  readonly proxy: string;
}

/**
 * Returns the proxy on the way to a store; undefined if there is none.
 * @throws {SecretError} INVALID_CONFIG `invalid` for a proxy that does not speak HTTP
 */
export function proxyOf({ url, proxy }: AgentTarget): URL | undefined {
  if (proxy === "none") return undefined;
  const address = proxy === "environment" ? environmentProxy(url) : proxy;
  if (address === "") return undefined;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return new URL(address);
  throw new SecretError("INVALID_CONFIG", "the proxy is no http or https URL", {
    reason: "invalid",
    tip: 'Write it as "http://proxy.example:3128", in the option or in HTTPS_PROXY; SOCKS is not supported.',
  });
}

/** By the rules of Go's clients, which those who set these variables go by. @see https://pkg.go.dev/golang.org/x/net/http/httpproxy */
function environmentProxy(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost" || contains(loopback, host) || contains(excludedNetworks(), host)) return "";
  const proxy = getProxyForUrl(url.href);
  // The package would let a proxy without a scheme speak the scheme of the store.
  const isBare = !/:\/\//.test(variable(`${url.protocol.slice(0, -1)}_proxy`) ?? variable("all_proxy") ?? "://");
  return isBare ? proxy.replace(/^https:/, "http:") : proxy;
}

function variable(name: string): string | undefined {
  return process.env[name] || process.env[name.toUpperCase()] || undefined;
}

/** The addresses and networks of NO_PROXY; the package knows names and ports alone. */
function excludedNetworks(): BlockList {
  const list = new BlockList();
  for (const entry of (variable("no_proxy") ?? "").split(/[\s,]+/)) {
    const [, address = "", bits = ""] = /^\[?([\da-fA-F:.]+)\]?(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = familyOf(address);
    if (family === undefined) continue;
    const most = family === "ipv4" ? 32 : 128;
    const prefix = bits === "" ? most : Number(bits);
    if (prefix <= most) list.addSubnet(address, prefix, family);
  }
  return list;
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
