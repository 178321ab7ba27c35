import { type CallContext, type Finding, isSecretError } from "@tacit/core/provider";
import type { StoreIdentity } from "../shared/store/store-findings.ts";
import type { SecretManagerApi } from "./api.ts";
import { secretNames } from "./path.ts";

/** Tells who this process is at Google. @param member as policies of IAM write it; undefined where that cannot be told */
export function identityOf(member: string | undefined): StoreIdentity {
  if (member !== undefined) return { who: member, id: member };
  return {
    who: "a federated identity, or a pod without a Google service account",
    tip: "Grant roles to its principal:// or principalSet:// of the workload identity pool.",
  };
}

/** The command that lets this identity read one secret. */
export function grantOf({ parent }: SecretManagerApi, path: string, member = "<member>"): string {
  const [, project, , location] = parent.split("/");
  const region = location === undefined ? "" : ` --location ${location}`;
  return `gcloud secrets add-iam-policy-binding ${secretNames.parse(path).name} --project ${project}${region} --member "${member}" --role roles/secretmanager.secretAccessor`;
}

/** Tells of rights that nobody uses: a thief of the token may. @throws {SecretError} what a request throws */
export async function needlessRights(
  api: SecretManagerApi,
  paths: readonly string[],
  context: CallContext,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const name of new Set(paths.map((path) => secretNames.parse(path).name))) {
    const granted = await api.permissions(name, changes, context).catch((error: unknown) => {
      if (isSecretError(error, "PERMISSION_DENIED")) return new Set<string>();
      throw error;
    });
    if (granted.size === 0) continue;
    found.push({
      level: "warning",
      code: "right-needless",
      message: `this identity may do more than read "${name}": ${[...granted].join(", ")}`,
      tip: "Leave it only roles/secretmanager.secretAccessor on the secret; an application does not need roles/secretmanager.admin.",
    });
  }
  return found;
}

const changes = [
  "secretmanager.versions.add",
  "secretmanager.versions.destroy",
  "secretmanager.secrets.delete",
  "secretmanager.secrets.setIamPolicy",
];
