import type { ProviderHost } from "@tacit/core/provider";
import type { KeyService } from "../key-service.ts";
import type { PgpKeyOptions } from "../options.ts";
import type { PgpOpener } from "./pgp-message.ts";

/** Creates the key service of an OpenPGP key, which uses the package `openpgp`, or the `gpg` program in the document. Performs no I/O. */
export function createPgpKey(
  options: PgpKeyOptions,
  host: Pick<ProviderHost, "clock" | "credential" | "protect" | "name">,
): KeyService<"pgp"> {
  let opener: PgpOpener | undefined;
  return {
    use: "pgp",
    async unwrap({ message, signed = false }, context) {
      opener ??=
        options.gpg === undefined
          ? (await import("./openpgp.ts")).createOpenpgp(options, host)
          : (await import("./gpg.ts")).createGpg({ program: options.gpg, home: options.home }, host.clock);
      return opener({ message, signed }, context);
    },
  };
}
