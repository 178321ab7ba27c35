import { generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { type CallContext, isSecretError, pause, SecretError } from "@tacit/core/provider";
import { certificateRequest } from "../../shared/certificate-request.ts";
import { readText } from "../../shared/files/read-text.ts";
import type { HttpAnswer } from "../../shared/http/answer.ts";
import type { LoginParts } from "../../shared/store/store-api.ts";
import { EndOnClocks } from "../../shared/two-clocks.ts";
import type { ConjurAuth } from "../options.ts";
import { authenticateAt } from "./authenticate.ts";

type KubernetesAuth = Extract<ConjurAuth, { readonly method: "kubernetes" }>;

/** A certificate that Conjur made for this pod, and its key, in PEM. */
interface PodCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly end: EndOnClocks;
}

/**
 * Logs in as the pod: Conjur looks at the pod through the API server, writes a certificate for a key of this process into its
 * container, and gives tokens to who shows that. A certificate serves until shortly before its end.
 */
export class KubernetesLogin {
  readonly #auth: KubernetesAuth;
  readonly #parts: LoginParts & { readonly account: string };
  #pod: PodCertificate | undefined;

  constructor(auth: KubernetesAuth, parts: LoginParts & { readonly account: string }) {
    this.#auth = auth;
    this.#parts = parts;
  }

  /** Asks for an access token. @throws {SecretError} INVALID_CONFIG `login`, UNAVAILABLE `certificate-not-injected`, and what a request throws */
  async authenticate(context: CallContext): Promise<HttpAnswer> {
    if (this.#pod === undefined || this.#pod.end.leftMs < leastLeftMs) this.#pod = await this.#inject(context);
    const { service, login } = this.#auth;
    const { send, account } = this.#parts;
    const { certificate, key } = this.#pod;
    const request = authenticateAt("authn-k8s", { service, account, id: login });
    try {
      return await send({ ...request, clientCertificate: { certificate, key } }, context);
    } catch (error) {
      if (isSecretError(error, "UNAUTHENTICATED")) this.#pod = undefined;
      throw error;
    }
  }

  async #inject(context: CallContext): Promise<PodCertificate> {
    const { service, login, podName, podNamespace } = this.#auth;
    const { send, host, serverNow } = this.#parts;
    if (podName === undefined || podNamespace === undefined) throw unknownPod();
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const { prefix, suffix } = partsOf(login);
    const uri = `spiffe://cluster.local/namespace/${podNamespace}/podname/${podName}`;
    await send(
      {
        method: "POST",
        path: "/authn-k8s/{service}/inject_client_cert",
        values: { service },
        headers: { "content-type": "text/plain", "host-id-prefix": prefix },
        body: certificateRequest({ commonName: suffix, uri }, privateKey),
      },
      context,
    );
    const certificate = await this.#written(privateKey, context);
    const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    host.protect(key, `${host.name}/pod key`);
    const lifeMs = Date.parse(new X509Certificate(certificate).validTo) - serverNow();
    return { certificate, key, end: new EndOnClocks(lifeMs, host.clock) };
  }

  /** Waits for the certificate of the key; one that is there from before belongs to another. */
  async #written(key: KeyObject, { signal }: CallContext): Promise<string> {
    const { certificateFile } = this.#auth;
    for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += pauseMs) {
      const text = await readText(certificateFile).catch(() => "");
      if (belongsTo(text, key)) {
        // Nobody else needs it. Where this user may not remove it, the next one overwrites it.
        await rm(certificateFile, { force: true }).catch(() => undefined);
        return text;
      }
      await pause(this.#parts.host.clock, pauseMs, signal);
    }
    throw notInjected();
  }
}

/** As Conjur's own client has it. */
const leastLeftMs = 30_000;
const pauseMs = 250;
const longestWaitMs = 8000;

function belongsTo(text: string, key: KeyObject): boolean {
  try {
    return new X509Certificate(text).checkPrivateKey(key);
  } catch {
    return false;
  }
}

/** The policy and the host of a login, as the request tells them: Conjur of old takes the last three parts for the host. */
function partsOf(login: string): { readonly prefix: string; readonly suffix: string } {
  const parts = login.split("/");
  const border = parts.length - (parts.length >= 4 ? 3 : 1);
  return { prefix: parts.slice(0, border).join("."), suffix: parts.slice(border).join(".") };
}

function unknownPod(): SecretError {
  return new SecretError("INVALID_CONFIG", "the name or the namespace of this pod is not set", {
    reason: "login",
    tip: "Set MY_POD_NAME and MY_POD_NAMESPACE from the fields of the pod, or write `auth.podName` and `auth.podNamespace`.",
  });
}

function notInjected(): SecretError {
  return new SecretError("UNAVAILABLE", "Conjur has not written a certificate into this container", {
    reason: "certificate-not-injected",
    tip: "Check that the annotation authentication-container-name of the host in the policy is the name of this container, and check `auth.certificateFile` and /tmp/conjur_copy_text_output.log in the container.",
  });
}
