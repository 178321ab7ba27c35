import {
  type CallContext,
  type Finding,
  isSecretError,
  type ProviderHost,
  type SecretError,
} from "@tacit/core/provider";
import { clockFindings, failureFinding, unverifiedFindings } from "../findings.ts";
import type { AwsClient } from "./aws-client.ts";
import { type AwsService, awsEndpoint, endpointVariable } from "./aws-endpoint.ts";
import type { AwsOptions } from "./aws-options.ts";

/** The parts of a diagnosis of a store of AWS. */
export interface AwsDiagnosis {
  readonly client: AwsClient;
  readonly host: ProviderHost;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly options: AwsOptions;
  /** path -> the failure of its last read */
  readonly failures: ReadonlyMap<string, SecretError | undefined>;
  /** Returns the statements of a policy that allows reading exactly these paths. */
  statements(paths: readonly string[], account: string | undefined): readonly object[];
}

/** The identity of the calls. */
export interface AwsCaller {
  readonly account?: string | undefined;
  readonly findings: readonly Finding[];
}

/** Returns the findings that all stores of AWS share: the identity, failed paths, the policy to copy, the clock, unverified certificates. */
export async function awsFindings(it: AwsDiagnosis, context: CallContext): Promise<readonly Finding[]> {
  const { client, host, options } = it;
  const caller = await callerOf(it, context);
  return [
    ...caller.findings,
    ...awsPathFindings(it.failures, (paths) => it.statements(paths, caller.account)),
    ...clockFindings(host, client.serverTime, { store: "AWS", consequence: "requests are refused" }),
    ...unverifiedFindings(
      options.tls,
      "AWS",
      "Set `tls.ca` to the authority that signed the certificate of the endpoint.",
    ),
  ];
}

/** Returns a finding for each failed path, and one with the policy for all valid paths. */
export function awsPathFindings(
  failures: AwsDiagnosis["failures"],
  statements: (paths: readonly string[]) => readonly object[],
): readonly Finding[] {
  const found = [...failures].flatMap(([path, error]) => (error === undefined ? [] : [pathFinding(path, error)]));
  const paths = [...failures].flatMap(([path, error]) => (isElsewhere(error) ? [] : [path]));
  if (paths.length === 0) return found;
  const policy = { Version: "2012-10-17", Statement: statements(paths) };
  const isDenied = [...failures.values()].some((error) => isSecretError(error, "PERMISSION_DENIED"));
  return [
    ...found,
    {
      level: isDenied ? "warning" : "info",
      code: "iam-policy",
      message: `the ${paths.length} requested secret(s) need this policy: ${JSON.stringify(policy)}`,
      tip: "Values that are encrypted with a customer managed key also need kms:Decrypt on that key.",
    },
  ];
}

/** Returns whether a path is invalid or in another region, so that no policy can allow it. */
function isElsewhere(error: SecretError | undefined): boolean {
  return error?.code === "INVALID_NAME" || error?.reason === "region";
}

function pathFinding(path: string, error: SecretError): Finding {
  const message = `"${path}": ${error.message}`;
  if (error.code === "NOT_FOUND")
    return { level: "warning", code: "secret-missing", message, tip: error.tip, reference: path };
  const code = error.reason ?? error.code.toLowerCase().replaceAll("_", "-");
  return { ...failureFinding(code, error), message, reference: path };
}

/** Asks STS for the identity. With a configured endpoint of the store, which may be an emulator, STS is asked only if it has one, too. */
async function callerOf({ client, environment, options }: AwsDiagnosis, context: CallContext): Promise<AwsCaller> {
  const configured = endpointVariable(sts, environment);
  if (options.endpoint !== undefined && configured === undefined) return { findings: [keyFinding(client)].flat() };
  const url = awsEndpoint(sts, { ...options, endpoint: undefined, region: client.region }, environment);
  try {
    const answer = await client.ask(sts, url, "Action=GetCallerIdentity&Version=2011-06-15", context);
    const { arn, account } = callerIn(answer);
    return { account, findings: [identity(`the secrets are read as ${arn}, in ${client.region}`)] };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isSecretError(error) || error.code === "CLOSED") throw error;
    const isLogin = error.reason === "cloud-identity" || error.code === "INVALID_CONFIG";
    return { findings: isLogin ? [failureFinding("login", error)] : keyFinding(client) };
  }
}

function keyFinding({ accessKeyId, region }: AwsClient): readonly Finding[] {
  if (accessKeyId === undefined) return [];
  return [identity(`the secrets are read with the access key ${accessKeyId}, in ${region}`)];
}

function identity(message: string): Finding {
  return { level: "info", code: "identity", message };
}

/** Returns the identity of a response of STS, in JSON or XML: emulators send XML even if JSON is requested. */
function callerIn(answer: string): { readonly arn: string; readonly account: string | undefined } {
  const member = (name: string): string =>
    new RegExp(`(?:"${name}" ?: ?"|<${name}>)([\\w:/+=,.@-]+)["<]`).exec(answer)?.[1] ?? "";
  const [arn, account] = [member("Arn"), member("Account")];
  return {
    arn: arn.startsWith("arn:") ? arn : "an identity that STS does not report",
    account: /^\d{12}$/.test(account) ? account : undefined,
  };
}

const sts: AwsService = { name: "sts", variable: "STS" };
