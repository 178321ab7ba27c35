/**
 * Joins shares of Shamir's scheme over GF(2^8) with the polynomial of AES; the last byte of a share is its x.
 * @returns undefined for shares of unequal length, two of one x, or one of x 0
 * @see https://github.com/getsops/sops/tree/main/shamir
 */
export function joinShares(shares: readonly Uint8Array[]): Uint8Array | undefined {
  const length = shares[0]?.length ?? 0;
  const xs = shares.map((share) => share.at(-1) ?? 0);
  const isSound = shares.every((share) => share.length === length) && new Set(xs).size === xs.length && !xs.includes(0);
  if (length < 2 || !isSound) return undefined;
  /** The weight of each share at x = 0. */
  const weights = xs.map((x) =>
    xs.reduce((weight, other) => (other === x ? weight : times(weight, over(other, other ^ x))), 1),
  );
  return Uint8Array.from({ length: length - 1 }, (_, at) =>
    shares.reduce((sum, share, index) => sum ^ times(share[at] ?? 0, weights[index] ?? 0), 0),
  );
}

function times(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x80 ? 0x11b : 0);
    if ((right >> bit) & 1) product ^= left;
  }
  return product;
}

/** The inverse of a number is its 254th power. */
function over(left: number, right: number): number {
  let inverse = 1;
  for (let power = 0; power < 254; power++) inverse = times(inverse, right);
  return times(left, inverse);
}
