import { expect, test } from "vitest";
import { RecentPaths } from "./recent-paths.ts";

test("the oldest path is removed above the limit, and adding a path again makes it the newest", () => {
  const paths = new RecentPaths<number>(2);
  for (const [path, value] of [
    ["a", 1],
    ["b", 2],
    ["a", 3],
    ["c", 4],
  ] as const)
    paths.add(path, value);
  expect(paths.entries).toEqual([
    ["a", 3],
    ["c", 4],
  ]);
  expect(paths.values).toEqual([3, 4]);
  expect(paths.get("b")).toBeUndefined();
});

test("a deleted path does not count for the limit", () => {
  const paths = new RecentPaths<true>(2);
  for (const path of ["a", "b"]) paths.add(path, true);
  paths.delete("b");
  paths.add("c", true);
  expect(paths.entries.map(([path]) => path)).toEqual(["a", "c"]);
});
