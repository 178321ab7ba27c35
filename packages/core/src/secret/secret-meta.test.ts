import { inspect } from "node:util";
import { expect, test } from "vitest";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";

const value = "s3cret-fixture-value";

test("the metadata of a Secret that a client read contains no part of its value", async () => {
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }));
  const createdAt = new Date(500);
  store.set("db", value, { createdAt, expiresAt: new Date(clock.now() + 3_600_000) });
  await secrets.ready();
  const versions = [secrets.latest("db"), await secrets.getSecret("db")];
  store.set("db", `${value}-2`, { createdAt });
  await nextPoll({ clock });
  versions.push(secrets.latest("db"));
  for (const { meta } of versions) {
    expect(Object.keys(meta)).toEqual(
      ["version", "fetchedAt", "confirmedAt", "createdAt", "expiresAt", "provider", "fallback", "labels"].filter(
        (key) => key !== "expiresAt" || meta.expiresAt !== undefined,
      ),
    );
    const printed = JSON.stringify(meta) + inspect(meta, { depth: 10, showHidden: true });
    expect(printed).not.toContain(value);
    expect(printed).not.toContain([...Buffer.from(value)].join(","));
  }
});
