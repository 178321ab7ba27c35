/**
 * The reason for which a value was adopted: the first value, changed content, a deleted secret that exists again, or a new
 * leased credential.
 */
export type ChangeReason = "initial" | "rotated" | "recreated" | "lease";
