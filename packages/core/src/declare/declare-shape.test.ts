import { expect, test } from "vitest";
import { createSecrets } from "../client/secrets.ts";

test.each([{ db: { ref: "db" } }, {}, 5, "db", { declarations: null }])(
  "what declareSecrets did not make is refused, not taken for no declaration: %o",
  (declare) => {
    expect(() => createSecrets({ declare } as never)).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", reason: "declaration" }),
    );
  },
);
