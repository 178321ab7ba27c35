import fc from "fast-check";
import { expect, test } from "vitest";
import { runsOf } from "../../../test/seeds.ts";
import { NGramTable } from "./n-gram-table.ts";

/** What stands in the chain of an n-gram, in no order. */
function chainOf(table: NGramTable, nGram: number): readonly string[] {
  const chain: string[] = [];
  for (let entry = table.first(nGram); entry !== 0; entry = table.next(entry))
    chain.push(`${table.variantOf(entry)} ${table.offsetOf(entry)} ${table.followingOf(entry)}`);
  return chain.sort();
}

test("holds what its owners have, whoever comes and goes", () => {
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
      const standing = new Set<number>();
      table.eachNGram((nGram) => standing.add(nGram));
      expect(standing).toEqual(new Set(held.map(({ nGram }) => nGram)));
    }),
    { numRuns: runsOf(500) },
  );
});

test("removes one of 100,000 that share an n-gram as it removes one of ten", () => {
  const table = new NGramTable();
  for (let owner = 0; owner < 100_000; owner++) table.add(owner, 1, owner, 0, 0);
  for (let owner = 0; owner < 100_000; owner += 2) table.remove(owner);
  expect(table.size).toBe(50_000);
  expect(table.count(1, 60_000)).toBe(50_000);
});
