import { expect, test } from "vitest";
import { isoDate } from "./iso-date.ts";

test.each(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000000Z", "2026-01-02T05:04:05+02:00"])(
  "%s is the time that it says",
  (text) => {
    expect(isoDate(text)).toEqual(new Date(Date.UTC(2026, 0, 2, 3, 4, 5)));
  },
);

test.each([undefined, null, 5, "5", "", "soon", "2026-13-02T03:04:05Z", ["2026-01-02T03:04:05Z"], {}])(
  "%j is none",
  (text) => {
    expect(isoDate(text)).toBeUndefined();
  },
);
