/** The credentials within `keys`, as an adapter lists them. It stands alone, so that an entry point loads no schema library. */
export const keyCredentials: readonly string[] = ["keys.identity", "keys.passphrase", "keys.key"];
