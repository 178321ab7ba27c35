/** Why a value was taken over: the first, other content, the return of what was deleted, or the next credential of a store that leases. */
export type ChangeReason = "initial" | "rotated" | "recreated" | "lease";
