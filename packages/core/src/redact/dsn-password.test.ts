import { describe, expect, test } from "vitest";
import { passwordsIn } from "./dsn-password.ts";

describe("passwordsIn", () => {
  test.each([
    ["postgres://app:s3cret-fixture@db.example:5432/orders", ["s3cret-fixture"]],
    ["postgres://app:s3cret%2Ffixture@db/orders", ["s3cret%2Ffixture", "s3cret/fixture"]],
    ["postgres://app:s3/cret-fixture@db/orders", ["s3/cret-fixture"]],
    ["postgres://app:s3cret@fixture@db/orders", ["s3cret@fixture"]],
    ["mongodb://app:s3cret-fixture@a.example,b.example/db?replicaSet=r", ["s3cret-fixture"]],
    ["redis://:s3cret-fixture@cache:6379/0", ["s3cret-fixture"]],
    ["jdbc:mysql://app:s3cret-fixture@db/orders", ["s3cret-fixture"]],
    ["jdbc:oracle:thin:app/s3cret-fixture@//db.example:1521/orders", ["s3cret-fixture"]],
    ['jdbc:oracle:thin:app/"s3cret@fixture"@//db.example:1521/orders', ["s3cret@fixture"]],
    ["jdbc:sqlserver://db:1433;user=app;password=s3cret-fixture;encrypt=true", ["s3cret-fixture"]],
    ["Server=db;User Id=app;Password=s3cret-fixture;Encrypt=true", ["s3cret-fixture"]],
    ["Driver={ODBC};Uid=app;Pwd={s3cret;fixture};", ["s3cret;fixture"]],
    ["host=db user=app password='s3cret fixture' sslmode=require", ["s3cret fixture"]],
    [
      "jdbc:postgresql://db/orders?user=app&password=s3cret-fixture&sslpassword=0ther-fixture",
      ["s3cret-fixture", "0ther-fixture"],
    ],
    ["postgres://a:first-fixture@h1/x postgres://b:second-fixture@h2/y", ["first-fixture", "second-fixture"]],
    ["https://api.example:8443/v1/@me/channels", []],
    ["https://api.example/v1?mail=a@b:c", []],
    ["postgres://app@db/orders", []],
    ["postgres://app:@db/orders", []],
    ["s3cret-fixture", []],
    ["", []],
    ["password=", []],
    ["%", []],
  ])("of %j are %j", (text, passwords) => {
    expect(passwordsIn(text)).toEqual(passwords);
  });

  test("of a text longer than any connection string are not looked for", () => {
    expect(passwordsIn(`postgres://app:s3cret-fixture@db/${"x".repeat(10_000)}`)).toEqual([]);
  });
});
