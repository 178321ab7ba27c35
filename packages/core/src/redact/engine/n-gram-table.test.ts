import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { runsOf } from "../../../test/seeds.ts";
import { NGramTable } from "./n-gram-table.ts";

/** What stands in the chain of an n-gram, in no order. */
function chainOf(table: NGramTable, nGram: number): readonly string[] {
  const chain: string[] = [];
  for (let entry = table.first(nGram); entry !== 0; entry = table.next(entry))
    chain.push(`${table.variantOf(entry)} ${table.offsetOf(entry)} ${table.followingOf(entry)}`);
  return chain.sort();
}

test("contains the entries of its owners after any additions and removals", () => {
  const owner = fc.nat(40);
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ owner, nGram: fc.nat(6), offset: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ gone: owner }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new NGramTable();
      let held: readonly { owner: number; nGram: number; offset: number }[] = [];
      for (const each of steps) {
        if ("gone" in each) {
          const left = held.filter((one) => one.owner !== each.gone);
          expect(table.remove(each.gone)).toBe(held.length - left.length);
          held = left;
        } else {
          table.add(each.owner, each.nGram, 128 * each.owner, each.offset, 7);
          held = [...held, each];
        }
      }
      for (let nGram = 0; nGram <= 6; nGram++) {
        const expected = held.filter((one) => one.nGram === nGram).map((one) => `${128 * one.owner} ${one.offset} 7`);
        expect(chainOf(table, nGram)).toEqual(expected.sort());
      }
      expect(table.size).toBe(held.length);
      const standing: string[] = [];
      table.eachEntry((nGram, following) => standing.push(`${nGram} ${following}`));
      expect(standing.sort()).toEqual(held.map(({ nGram }) => `${nGram} 7`).sort());
    }),
    { numRuns: runsOf(500) },
  );
});

test("removes an owner without visiting the others that share its n-grams", () => {
  const table = new NGramTable();
  for (let owner = 0; owner < 1_000; owner++) for (const nGram of [1, 2]) table.add(owner, nGram, owner, 0, 0);
  const looks = vi.spyOn(table, "next");
  for (const owner of [0, 500, 999]) expect(table.remove(owner)).toBe(2);
  expect(looks).toHaveBeenCalledTimes(6);
  expect(chainOf(table, 1)).toHaveLength(997);
});
