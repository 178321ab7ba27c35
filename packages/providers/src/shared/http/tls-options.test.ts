import { conformanceHost } from "@tacit/core/conformance";
import { manualClock } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { type Certificate, makeCertificate } from "../../../test/http-fixture.ts";
import { tlsMaterial } from "./tls-options.ts";

const [former, latter] = [await makeCertificate("former.example"), await makeCertificate("latter.example")];
const places = {
  certificate: { source: { $file: "tls.crt" }, name: "`tls.certificate`" },
  key: { source: { $file: "tls.key" }, name: "`tls.key`" },
  verify: true,
};

/** Reads a pair of files that is replaced atomically, like a volume. @param swapsAfter the number of reads that see the former pair */
function volume(swapsAfter: number) {
  let reads = 0;
  const current = (): Certificate => {
    reads += 1;
    return reads > swapsAfter ? latter : former;
  };
  const credential = async (source: object): Promise<Uint8Array> => {
    const { cert, key } = current();
    return Buffer.from("$file" in source && source.$file === "tls.crt" ? cert : key);
  };
  const { protect, name } = conformanceHost();
  return tlsMaterial(places, { credential, protect, name, clock: manualClock() });
}

test.each([0, 1, 2, 3, 4])(
  "a certificate and key that are renewed after %i reads always belong together",
  async (swapsAfter) => {
    const { certificate, key } = await volume(swapsAfter)();
    const found = [certificate, key].map((part) => Buffer.from(part ?? "").toString());
    expect([
      [former.cert, former.key],
      [latter.cert, latter.key],
    ]).toContainEqual(found);
  },
);
