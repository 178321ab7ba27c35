import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import { base64Bytes } from "../base64.ts";
import { AwsClient } from "../cloud/aws-client.ts";
import { tamperedError, wrappedText } from "./errors.ts";
import type { KeyService } from "./key-service.ts";
import type { AwsKmsKeyOptions } from "./options.ts";

/**
 * Creates the key service of a key of AWS KMS. Performs no I/O. Only the document determines the identity; a role or profile in a file is
 * ignored.
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 */
export function createAwsKms(
  { keyId, ...options }: AwsKmsKeyOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KeyService<"aws-kms"> {
  const region = options.region ?? /^arn:[^:]+:kms:([^:]+):/.exec(keyId)?.[1];
  const client = new AwsClient(kms, { ...options, region }, host, environment);
  const call = async (
    action: "Decrypt" | "Encrypt",
    input: object,
    context: CallContext,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await client.call({ action, input, resource: keyId, accept: [...foreign, ...unusable] }, context);
    if (answer.output !== undefined) return answer.output;
    const { type } = answer.refusal;
    if (foreign.includes(type))
      throw tamperedError("has a data key that AWS KMS did not create with this key and encryption context");
    throw new SecretError("PERMISSION_DENIED", `AWS KMS does not use the key ${keyId} (${type})`, {
      reason: "key-service",
      tip: "Check the state of the key with aws kms describe-key: it is disabled, pending deletion, or missing.",
    });
  };
  return {
    use: "aws-kms",
    async unwrap({ keyId: named, ciphertext, context: names }, context) {
      if (named !== keyId) return undefined;
      const input = { KeyId: keyId, CiphertextBlob: ciphertext, EncryptionContext: names };
      return base64Bytes((await call("Decrypt", input, context)).Plaintext);
    },
    async wrap(dataKey, names, context) {
      const plain = Buffer.from(dataKey).toString("base64");
      const answer = await call("Encrypt", { KeyId: keyId, Plaintext: plain, EncryptionContext: names }, context);
      return { use: "aws-kms", keyId, ciphertext: wrappedText(answer.CiphertextBlob, "AWS KMS"), context: names };
    },
    diagnose: async () => [
      {
        level: "info",
        code: "aws-kms",
        message: `data keys of ${keyId} are unwrapped`,
        tip: `This identity needs kms:Decrypt for it: { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "${keyId}" }`,
      },
    ],
    close: () => client.close(),
  };
}

const kms = { name: "kms", target: "TrentService", variable: "KMS" } as const;
/** The types of refusals for a ciphertext of another key or context. */
const foreign: readonly string[] = ["InvalidCiphertextException", "IncorrectKeyException"];
const unusable: readonly string[] = [
  "DisabledException",
  "KMSInvalidStateException",
  "InvalidKeyUsageException",
  "NotFoundException",
  "InvalidArnException",
];
