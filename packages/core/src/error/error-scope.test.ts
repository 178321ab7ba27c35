import { expect, test } from "vitest";
import { createRedactor } from "../redact/redactor.ts";
import { SecretError, withErrorContext } from "./secret-error.ts";

test.each(["path", "provider"] as const)("an error keeps its scope %s in every copy", (scope) => {
  const error = new SecretError("UNAVAILABLE", "the volume is broken", { scope });
  const copies = [
    error,
    withErrorContext(error, { message: "masked", tip: "Look at it." }),
    createRedactor().error(error),
  ];
  for (const copy of copies) expect(copy).toMatchObject({ code: "UNAVAILABLE", scope });
});

test("an error of which nobody says the scope has none", () => {
  expect(withErrorContext(new SecretError("UNAVAILABLE", "unreachable"), { tip: "Look at it." }).scope).toBeUndefined();
});
