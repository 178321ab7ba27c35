import { expect, test } from "vitest";
import { measure, mostGrowth } from "../../../test/file/memory/measure.ts";

const mebibyte = 1024 * 1024;

/** format -> the size up to which its files are read */
const caps = [
  ["sops-yaml", mebibyte / 4],
  ["sops-json", mebibyte],
  ["sops-env", mebibyte],
  ["sops-ini", mebibyte],
  ["sops-bin", mebibyte],
  ["age", 16 * mebibyte],
  ["kubesec", 2 * mebibyte],
  ["sealed-secrets", 2 * mebibyte],
  ["at-rest", 8 * mebibyte],
  ["snapshot", 64 * mebibyte],
] as const;

/** All of them in .ci/run, with 5,000 mutated files each. */
const tried = process.env.TACIT_ALL_SEEDS === undefined ? caps.filter(([name]) => /yaml|kubesec/.test(name)) : caps;

test.each(tried)(
  "hostile files of %s take no more than twice the size that is read",
  async (name, capBytes) => {
    const reports = await measure(new URL(`../../../test/file/memory/${name}-files.ts`, import.meta.url), capBytes);
    expect(reports.length).toBeGreaterThan(1);
    const excess = reports.filter(({ growthBytes }) => growthBytes > mostGrowth(capBytes));
    expect(excess.map(({ title, growthBytes }) => `${title}: ${Math.round(growthBytes / mebibyte)} MiB`)).toEqual([]);
  },
  900_000,
);
