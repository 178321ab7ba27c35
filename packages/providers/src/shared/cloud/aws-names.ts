import { SecretError } from "@tacit/core/provider";
import { awsPartition } from "./aws-endpoint.ts";

/** The options of all stores of AWS that are credentials. */
export const awsCredentials: readonly string[] = ["auth.secretAccessKey", "auth.sessionToken"];

/** Converts and checks the paths of one service. Paths have no leading slash; it is added to requests if the store requires it. */
export interface AwsNames {
  /** Returns the path of a name. @throws {SecretError} INVALID_NAME `path` */
  toPath(name: string, prefix: string | undefined): string;
  /** Returns whether paths can begin with a prefix. */
  isPrefix(prefix: string): boolean;
  /** Returns a valid path unchanged. @throws {SecretError} INVALID_NAME `path` for any other */
  check(path: string): string;
  /** Returns the region of an ARN; undefined for a name. */
  regionOf(path: string): string | undefined;
}

interface Rules {
  /** Matches an ARN; its groups are the region and the name. */
  readonly arn: RegExp;
  readonly segment: RegExp;
  readonly mostSegments: number;
  readonly longest: number;
  readonly store: string;
  readonly tip: string;
}

/** The paths of Secrets Manager, which appends a hyphen and six characters to the name in an ARN. */
export const secretNames: AwsNames = namesOf({
  arn: /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:\/?(.+)-[A-Za-z0-9]{6}$/,
  segment: /^[\w+=.@-]+$/,
  mostSegments: Number.POSITIVE_INFINITY,
  longest: 512,
  store: "Secrets Manager",
  tip: 'Write segments of letters, digits and _ + = . @ -, joined by one "/", up to 512 characters in all; or the complete ARN, including the six characters at its end.',
});

/** The paths of Parameter Store. */
export const parameterNames: AwsNames = namesOf({
  arn: /^arn:aws[a-z-]*:ssm:([a-z0-9-]+):\d{12}:parameter\/(.+)$/,
  segment: /^[\w.-]+$/,
  mostSegments: 15,
  longest: 1011,
  store: "Parameter Store",
  tip: 'Write up to 15 segments of letters, digits and _ . -, joined by one "/", without a leading "/"; or an ARN.',
});

/**
 * Returns whether a response is about the requested name or ARN. The name in the response may lack the slash of a parameter at
 * the root, or the prefix of a reference to Secrets Manager.
 */
export function isAbout(id: string, { Name: name, ARN: arn }: Readonly<Record<string, unknown>>): boolean {
  const [, secret, root] = /^\/(?:aws\/reference\/secretsmanager\/(.+)|([^/]+))$/.exec(id) ?? [];
  return [id, secret, root].some((each) => each !== undefined && each === name) || arn === id;
}

/** Returns the id of the secret at a path, with the leading slash of the prefix, which a path does not have. */
export function secretId(path: string, { prefix }: { readonly prefix?: string | undefined }): string {
  return prefix?.startsWith("/") && secretNames.regionOf(path) === undefined ? `/${path}` : path;
}

/** Returns the resource of a secret for IAM, with wildcards for the unknown six characters at its end. @param id its name in the store, or an ARN */
export function secretResource(id: string, region: string, account = "*"): string {
  if (secretNames.regionOf(id) !== undefined) return id;
  return `arn:${awsPartition(region)}:secretsmanager:${region}:${account}:secret:${id}-??????`;
}

/** Returns the resource of the parameter at a path for IAM. */
export function parameterResource(path: string, region: string, account = "*"): string {
  if (parameterNames.regionOf(path) !== undefined) return path;
  return `arn:${awsPartition(region)}:ssm:${region}:${account}:parameter/${path}`;
}

/**
 * Returns a valid path of a region unchanged.
 * @throws {SecretError} INVALID_NAME `path`, INVALID_CONFIG `region` for an ARN of another region
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
