import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { declared as database } from "../testing/app.ts";
import { query } from "./query.ts";
import { declared, isSigned, sign } from "./signing.ts";

const minute = 60_000;

test("a signer waits for verifiers, and verifiers for what was signed", async () => {
  const values = { "link/key": "s3cret-fixture-old" };
  const secrets = mockSecrets(values, { declare: declared });
  const late = mockSecrets(values, { declare: declared });
  secrets.set("link/key", "s3cret-fixture-new");
  await secrets.flush();
  const first = sign(secrets, "/a");
  expect(isSigned(late, "/a", first)).toBe(true); // by a process that has not heard of the rotation

  await secrets.advance(5 * minute);
  const second = sign(secrets, "/a");
  expect(second).not.toBe(first);
  expect([first, second].map((signature) => isSigned(secrets, "/a", signature))).toEqual([true, true]);

  await secrets.advance(60 * minute);
  expect([first, second].map((signature) => isSigned(secrets, "/a", signature))).toEqual([false, true]);
  expect(isSigned(secrets, "/b", second)).toBe(false);
});

test("a query whose login is refused runs in the pool of the next password", async () => {
  const secrets = mockSecrets({ "db/primary": { username: "app", password: "old" } }, { declare: database });
  let password = "old";
  const pools = secrets.derive("db", {
    open: (db) => {
      const { password: given } = db.reveal();
      return {
        query: async (statement: string) => {
          if (given !== password) throw Object.assign(new Error("refused"), { code: "28P01" });
          return `${statement} by ${given}`;
        },
      };
    },
  });
  await secrets.ready();
  expect(await query(secrets, pools, "select 1")).toBe("select 1 by old");

  password = "new"; // the database and the store have changed, and nobody has told this process
  secrets.set("db/primary", { username: "app", password: "new" });
  expect(await query(secrets, pools, "select 2")).toBe("select 2 by new");

  password = "elsewhere";
  await expect(query(secrets, pools, "select 3")).rejects.toMatchObject({ code: "28P01" });
});
