import { SecretError } from "@tacit/core/provider";

/** A service of AWS, as its addresses and signatures name it. */
export interface AwsService {
  /** Begins its host names, and is what requests are signed for. */
  readonly name: "secretsmanager" | "ssm" | "sts" | "kms";
  /** Stands before an action in `X-Amz-Target`; absent where it takes forms. */
  readonly target?: string;
  /** How AWS_ENDPOINT_URL_* names it. */
  readonly variable: string;
}

/** What decides about an address. */
export interface AwsPlace {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly fips: boolean;
  readonly dualStack: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Regions of one operator, whose names and accounts are apart from the others. */
interface Partition {
  readonly regions: RegExp;
  /** As ARNs begin. */
  readonly name: string;
  readonly domain: string;
  /** For IPv6 beside IPv4. */
  readonly dualStackDomain: string;
}

/** @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
const partitions: readonly Partition[] = [
  {
    regions: /^cn-/,
    name: "aws-cn",
    domain: "amazonaws.com.cn",
    dualStackDomain: "api.amazonwebservices.com.cn",
  },
  { regions: /^us-gov-/, name: "aws-us-gov", domain: "amazonaws.com", dualStackDomain: "api.aws" },
  { regions: /^us-iso-/, name: "aws-iso", domain: "c2s.ic.gov", dualStackDomain: "api.aws.ic.gov" },
  { regions: /^us-isob-/, name: "aws-iso-b", domain: "sc2s.sgov.gov", dualStackDomain: "api.aws.scloud" },
  { regions: /^eu-isoe-/, name: "aws-iso-e", domain: "cloud.adc-e.uk", dualStackDomain: "api.cloud-aws.adc-e.uk" },
  { regions: /^us-isof-/, name: "aws-iso-f", domain: "csp.hci.ic.gov", dualStackDomain: "api.aws.hci.ic.gov" },
  {
    regions: /^eusc-/,
    name: "aws-eusc",
    domain: "amazonaws.eu",
    dualStackDomain: "api.amazonwebservices.eu",
  },
  { regions: /^/, name: "aws", domain: "amazonaws.com", dualStackDomain: "api.aws" },
];

/** Returns the region of a provider. @throws {SecretError} INVALID_CONFIG `region` where neither the document nor the environment has one */
export function awsRegion(region: string | undefined, { AWS_REGION, AWS_DEFAULT_REGION }: Environment): string {
  const found = region ?? (AWS_REGION || AWS_DEFAULT_REGION);
  if (found !== undefined && found !== "" && isRegion(found)) return found;
  throw new SecretError("INVALID_CONFIG", "the AWS region of the secrets is not set", {
    reason: "region",
    tip: 'Write "region" in the config document, or set AWS_REGION; it is not read from the shared config files.',
  });
}

/** Whether a text may stand in a host name as a region. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/.test(text);
}

/** Returns where a service is asked: the option, a variable of the AWS SDKs, or the address of its region. */
export function awsEndpoint(service: AwsService, place: AwsPlace, environment: Environment): string {
  const configured = place.endpoint ?? endpointVariable(service, environment);
  if (configured !== undefined) return configured.replace(/\/+$/, "");
  const { region, fips, dualStack } = place;
  const { domain, dualStackDomain, name } = partitionOf(region);
  // In the partition of the US government the usual endpoint of Systems Manager and STS is the one with FIPS.
  const isFips = fips && !(name === "aws-us-gov" && service.name !== "secretsmanager" && !dualStack);
  // In these partitions the usual endpoint of Secrets Manager answers over both.
  const isBoth = service.name === "secretsmanager" && (/^aws(-us-gov)?$/.test(name) || (name === "aws-cn" && !fips));
  return `https://${service.name}${isFips ? "-fips" : ""}.${region}.${dualStack && !isBoth ? dualStackDomain : domain}`;
}

/** Returns the variable of the AWS SDKs that names another address of a service. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
export function endpointVariable({ variable }: AwsService, environment: Environment): string | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === "true") return undefined;
  return environment[`AWS_ENDPOINT_URL_${variable}`] || environment.AWS_ENDPOINT_URL || undefined;
}

/** Returns the partition of a region, as ARNs begin: `aws`, `aws-cn`. */
export function awsPartition(region: string): string {
  return partitionOf(region).name;
}

function partitionOf(region: string): Partition {
  return partitions.find(({ regions }) => regions.test(region)) as Partition;
}
