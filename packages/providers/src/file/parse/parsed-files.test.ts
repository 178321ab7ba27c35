import * as fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";

const secret = "s3cret-fixture";

test("a key of a volume becomes fields, asked for by its own path; the volume stays its files", async () => {
  await using fixture = openFixture();
  const document = JSON.stringify({ username: "app", password: secret });
  await (await fixture.writer("db")).write({ "app.json": document, token: secret });
  const provider = fixture.open({ parse: "json" });
  expect(await textOf(read(provider, "db/app.json"))).toEqual({ username: "app", password: secret });
  expect(await textOf(read(provider, "db"))).toEqual({ "app.json": document, token: secret });
  await expect(read(provider, "db/token")).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "syntax" });
  expect(await read(provider, "db/none")).toEqual({ status: "not-found", definitive: true });
});

test("a rotation is heard, a file that no longer parses is told, and the next good one is read", async () => {
  await using fixture = openFixture();
  const writer = await fixture.writer();
  await writer.write({ "app.yaml": "password: one" });
  const provider = fixture.open({ parse: "yaml" });
  const recorder = await listen(provider, "app.yaml");
  await recorder.hears("app.yaml", { password: "one" });
  await Promise.all([writer.write({ "app.yaml": "password: [" }), recorder.hears("app.yaml", "INVALID_VALUE")]);
  await Promise.all([writer.write({ "app.yaml": "password: two" }), recorder.hears("app.yaml", { password: "two" })]);
});

test("the version is that of the fields: a comment or another order is no change", async () => {
  await using fixture = openFixture();
  const file = join(fixture.root, "app.env");
  fs.writeFileSync(file, `A=1\nB=${secret}\n`);
  const provider = fixture.open({ parse: "env" });
  const first = await read(provider, "app.env");
  expect(await textOf(first)).toEqual({ A: "1", B: secret });
  if (first.status !== "ok") return;
  fs.writeFileSync(`${fixture.root}-next`, `# rotated by nobody\nB='${secret}'\nA=1\n`);
  fs.renameSync(`${fixture.root}-next`, file);
  expect(await read(provider, "app.env", first.version)).toEqual({ status: "not-modified", version: first.version });
});

test("a pattern takes apart what a template rendered, and lines are warned of", async () => {
  await using fixture = openFixture();
  fs.writeFileSync(join(fixture.root, "url"), `jdbc:postgresql://db/app?user=app&password=${secret}\n`);
  fs.writeFileSync(join(fixture.root, "lines"), `password: ${secret}\n`);
  const pattern = "jdbc:postgresql://{host}/{database}?user={username}&password={password}";
  const fields = { host: "db", database: "app", username: "app", password: secret };
  expect(await textOf(read(fixture.open({ parse: "vault-agent", pattern }), "url"))).toEqual(fields);
  const provider = fixture.open({ parse: "vault-agent" });
  expect(await textOf(read(provider, "lines"))).toEqual({ password: secret });
  expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["forgeable-lines"]);
});
