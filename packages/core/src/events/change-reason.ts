/**
 * Why a value was adopted: the first value, changed content, the return of a deleted secret, or a new credential of a store
 * that leases.
 */
export type ChangeReason = "initial" | "rotated" | "recreated" | "lease";
