import { SecretError } from "@tacit/core/provider";

/** That more is below a path than one secret can be. */
export function tooMany(most: number): SecretError {
  return new SecretError("INVALID_VALUE", `the path has more than ${most} parameters below it`, {
    reason: "too-large",
    tip: "Write the path of a single secret.",
  });
}

/** That a hierarchy has no versions, as each of its parameters has its own. */
export const noVersions = "a hierarchy of parameters has no versions";
