/** The time limit of programs; it is long because a person may have to log in. */
export const programLimitMs = 60_000;
