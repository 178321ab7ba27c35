import { SecretError } from "@tacit/core/provider";

/** The names of a service of AWS. */
export interface AwsService {
  /** The name in host names and signatures. */
  readonly name: "secretsmanager" | "ssm" | "sts" | "kms";
  /** The prefix of actions in `X-Amz-Target`; absent for a service that takes forms. */
  readonly target?: string;
  /** The suffix of its variable AWS_ENDPOINT_URL_*. */
  readonly variable: string;
}

/** The options that determine an address. */
export interface AwsPlace {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly fips: boolean;
  readonly dualStack: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A partition of AWS: regions with separate accounts and domains. */
interface Partition {
  readonly regions: RegExp;
  /** The second part of its ARNs. */
  readonly name: string;
  readonly domain: string;
  /** The domain of endpoints with IPv4 and IPv6. */
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

/** Returns the region of a provider. @throws {SecretError} INVALID_CONFIG `region` if neither the document nor the environment contains a valid one */
export function awsRegion(region: string | undefined, { AWS_REGION, AWS_DEFAULT_REGION }: Environment): string {
  const found = region ?? (AWS_REGION || AWS_DEFAULT_REGION);
  if (found !== undefined && found !== "" && isRegion(found)) return found;
  throw new SecretError("INVALID_CONFIG", "the AWS region of the secrets is not set", {
    reason: "region",
    tip: 'Write "region" in the config document, or set AWS_REGION; it is not read from the shared config files.',
  });
}

/** Returns whether a text has the form of a region. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/.test(text);
}

/** Returns the URL of a service: the option, else a variable of the AWS SDKs, else the address of its region. */
export function awsEndpoint(service: AwsService, place: AwsPlace, environment: Environment): string {
  const configured = place.endpoint ?? endpointVariable(service, environment);
  if (configured !== undefined) return configured.replace(/\/+$/, "");
  const { region, fips, dualStack } = place;
  const { domain, dualStackDomain, name } = partitionOf(region);
  // In the partition of the US government, the default endpoints of Systems Manager and STS are FIPS endpoints.
  const isFips = fips && !(name === "aws-us-gov" && service.name !== "secretsmanager" && !dualStack);
  // In these partitions, the default endpoint of Secrets Manager supports IPv6, too.
  const isBoth = service.name === "secretsmanager" && (/^aws(-us-gov)?$/.test(name) || (name === "aws-cn" && !fips));
  return `https://${service.name}${isFips ? "-fips" : ""}.${region}.${dualStack && !isBoth ? dualStackDomain : domain}`;
}

/** Returns the address of a service from the variables of the AWS SDKs; undefined if they are not set or ignored. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
export function endpointVariable({ variable }: AwsService, environment: Environment): string | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === "true") return undefined;
  return environment[`AWS_ENDPOINT_URL_${variable}`] || environment.AWS_ENDPOINT_URL || undefined;
}

/** Returns the partition of a region, for ARNs: `aws`, `aws-cn`. */
export function awsPartition(region: string): string {
  return partitionOf(region).name;
}

function partitionOf(region: string): Partition {
  return partitions.find(({ regions }) => regions.test(region)) as Partition;
}
