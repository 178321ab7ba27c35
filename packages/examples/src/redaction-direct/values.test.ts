import { declareSecrets } from "@tacit/core";
import { createRedactor } from "@tacit/core/redact";
import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { protectSession, protectUnread } from "./values.ts";

test("a value that was let go of stays masked", () => {
  const redactor = createRedactor();
  const release = protectSession(redactor, "s3cret");
  release();
  expect(redactor.redact("cookie: s3cret")).toBe("cookie: [REDACTED:session/token]");
  expect(redactor.stats()).toMatchObject({ values: 0, retired: 1 });
});

test("a secret that nothing has revealed is masked once it is registered, not before", () => {
  const environment = { DB_PASSWORD: "s3cret-fixture" };
  const declare = declareSecrets({ db: { ref: "db/password" } });
  const { redactor, latest } = mockSecrets({ "db/password": environment.DB_PASSWORD }, { declare });
  expect(redactor.deep(environment)).toBe(environment);
  protectUnread(redactor, latest("db"));
  expect(redactor.deep(environment)).toEqual({ DB_PASSWORD: "[REDACTED:db/password]" });
});
