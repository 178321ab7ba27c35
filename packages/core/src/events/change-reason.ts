/** Why a value was adopted: the first, other content, the return of what was deleted, or the next loan of a store that lends. */
export type ChangeReason = "initial" | "rotated" | "recreated" | "lease";
