import { SecretError } from "@tacit/core/provider";
import { awsPartition } from "./aws-endpoint.ts";

/** The options of a store of AWS that are credentials. */
export const awsCredentials: readonly string[] = ["auth.secretAccessKey", "auth.sessionToken"];

/** How the paths of one service are written. The slash that a name or a prefix may begin with is added when the store is asked. */
export interface AwsNames {
  /** Returns the path of a name. @throws {SecretError} INVALID_NAME `path` */
  toPath(name: string, prefix: string | undefined): string;
  /** Whether names can begin like this. */
  isPrefix(prefix: string): boolean;
  /** Lets a path through that the service can hold. @throws {SecretError} INVALID_NAME `path` before anything is asked */
  check(path: string): string;
  /** Returns the region of an ARN; undefined for a name. */
  regionOf(path: string): string | undefined;
}

interface Rules {
  /** With the region and the name. */
  readonly arn: RegExp;
  readonly segment: RegExp;
  readonly mostSegments: number;
  readonly longest: number;
  readonly store: string;
  readonly tip: string;
}

/** The six characters at the end of an ARN are Secrets Manager's own. */
export const secretNames: AwsNames = namesOf({
  arn: /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:\/?(.+)-[A-Za-z0-9]{6}$/,
  segment: /^[\w+=.@-]+$/,
  mostSegments: Number.POSITIVE_INFINITY,
  longest: 512,
  store: "Secrets Manager",
  tip: 'Write segments of letters, digits and _ + = . @ -, joined by one "/", up to 512 characters in all; or the complete ARN, including the six characters at its end.',
});

export const parameterNames: AwsNames = namesOf({
  arn: /^arn:aws[a-z-]*:ssm:([a-z0-9-]+):\d{12}:parameter\/(.+)$/,
  segment: /^[\w.-]+$/,
  mostSegments: 15,
  longest: 1011,
  store: "Parameter Store",
  tip: 'Write up to 15 segments of letters, digits and _ . -, joined by one "/", without a leading "/"; or an ARN.',
});

/**
 * Whether an answer is about what was asked for by name or ARN. A parameter at the root may be named without its slash, and a
 * reference to Secrets Manager by the name of its secret.
 */
export function isAbout(id: string, { Name: name, ARN: arn }: Readonly<Record<string, unknown>>): boolean {
  const [, secret, root] = /^\/(?:aws\/reference\/secretsmanager\/(.+)|([^/]+))$/.exec(id) ?? [];
  return [id, secret, root].some((each) => each !== undefined && each === name) || arn === id;
}

/** Returns how the store names the secret at a path: a prefix may begin with a slash, a path cannot. */
export function secretId(path: string, { prefix }: { readonly prefix?: string | undefined }): string {
  return prefix?.startsWith("/") && secretNames.regionOf(path) === undefined ? `/${path}` : path;
}

/** Returns how IAM names a secret; the six characters at the end of an ARN are not known beforehand. @param id its name as the store has it, or an ARN */
export function secretResource(id: string, region: string, account = "*"): string {
  if (secretNames.regionOf(id) !== undefined) return id;
  return `arn:${awsPartition(region)}:secretsmanager:${region}:${account}:secret:${id}-??????`;
}

/** Returns how IAM names the parameter at a path. */
export function parameterResource(path: string, region: string, account = "*"): string {
  if (parameterNames.regionOf(path) !== undefined) return path;
  return `arn:${awsPartition(region)}:ssm:${region}:${account}:parameter/${path}`;
}

/**
 * Lets a path through that a service can hold in the region that is asked.
 * @throws {SecretError} INVALID_NAME `path`, INVALID_CONFIG `region` for an ARN that leads to another region
 */
export function checkIn(region: string, names: AwsNames, path: string): string {
  const asked = names.regionOf(names.check(path)) ?? region;
  if (asked === region) return path;
  throw new SecretError("INVALID_CONFIG", `a path is an ARN in ${asked}, but the provider reads ${region}`, {
    reason: "region",
    tip: `Configure a provider with "region": "${asked}" for it, or bind the name to a secret in ${region}.`,
  });
}

function namesOf({ arn, segment, mostSegments, longest, store, tip }: Rules): AwsNames {
  const isName = (name: string): boolean => {
    const segments = name.split("/");
    const isPlain = segments.every((one) => segment.test(one) && one !== "." && one !== "..");
    return isPlain && segments.length <= mostSegments && name.length <= longest;
  };
  const bare = (prefix: string): string => prefix.replace(/^\/|\/+$/g, "");
  const check = (path: string): string => {
    if (isName(arn.exec(path)?.[2] ?? path)) return path;
    throw new SecretError("INVALID_NAME", `a path is not valid in ${store}`, { reason: "path", tip });
  };
  return {
    toPath: (name, prefix) => check(prefix === undefined ? name : `${bare(prefix)}/${name}`),
    isPrefix: (prefix) => isName(bare(prefix)),
    check,
    regionOf: (path) => arn.exec(path)?.[1],
  };
}
