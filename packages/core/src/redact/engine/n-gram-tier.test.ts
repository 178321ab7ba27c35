import { expect, test } from "vitest";
import { NGramTier } from "./n-gram-tier.ts";
import { takeSample } from "./sample.ts";

const common = "Server=database.internal;Port=5432;Database=orders;User Id=service;Password=";

/** Enters texts, and returns which units of each were computed. */
function entered(tier: NGramTier, texts: readonly string[]): readonly ReadonlySet<number>[] {
  return texts.map((text, owner) => {
    const asked = new Set<number>();
    tier.add(owner, owner, text.length, (index) => {
      asked.add(index);
      return text.charCodeAt(index);
    });
    return asked;
  });
}

/** How often a place of a text is taken for one of a variant. */
function visitsOf(tier: NGramTier, text: string): number {
  let visits = 0;
  tier.visitHits(tier.scan(takeSample(text, 0)), 0, { visit: () => visits++ });
  return visits;
}

test("a variant that shares nothing with others is entered by its middle, and no more of it is computed", () => {
  const [asked] = entered(new NGramTier(12), ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]);
  expect(asked?.size).toBe(19);
  expect(asked?.has(32)).toBe(true);
});

test("a variant is entered by a part that few others share", () => {
  const tier = new NGramTier(12);
  const passwords = Array.from({ length: 100 }, (_, number) => `${number}`.padStart(3, "x").repeat(6));
  entered(
    tier,
    passwords.map((password) => `${common}${password}`),
  );
  // the first could not know what the others would share
  expect(visitsOf(tier, `${common}Y7zQ9wK2pL4mN8vB`)).toBeLessThan(10);
});
