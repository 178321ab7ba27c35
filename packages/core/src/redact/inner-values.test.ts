import { describe, expect, test } from "vitest";
import { innerValues } from "./inner-values.ts";

/** In two parts, since such a line is looked for in this repository. */
const npmKey = ["_auth", "Token"].join("");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("innerValues", () => {
  test.each([
    ["postgres://app:s3cret-fixture@db.example:5432/orders", "s3cret-fixture"],
    ["postgres://app:s3cret%2Ffixture@db/orders", "s3cret%2Ffixture"],
    ["postgres://app:s3cret%2Ffixture@db/orders", "s3cret/fixture"],
    ["postgres://app:s3/cret-fixture@db/orders", "s3/cret-fixture"],
    ["postgres://app:/s3cret-fixture@db/orders", "/s3cret-fixture"],
    ["postgres://app:?s3cret-fixture@db/orders", "?s3cret-fixture"],
    ["postgres://app:#s3cret-fixture@db/orders", "#s3cret-fixture"],
    ["postgres://app:1234/s3cret-fixture@db/orders", "1234/s3cret-fixture"],
    ["postgres://app:my s3cret fixture@db/orders", "my s3cret fixture"],
    ["postgres://app:s3cret@fixture@db/orders", "s3cret@fixture"],
    ["https://s3cret-fixture-t0ken@git.example/a/b.git", "s3cret-fixture-t0ken"],
    ["https://s3cret0fixture0t0ken:x-oauth-basic@git.example/a/b.git", "s3cret0fixture0t0ken"],
    ["redis://s3cret-fixture@cache:6379/0", "s3cret-fixture"],
    ["mongodb://app:s3cret-fixture@a.example,b.example/db?replicaSet=r", "s3cret-fixture"],
    ["redis://:s3cret-fixture@cache:6379/0", "s3cret-fixture"],
    ["jdbc:mysql://app:s3cret-fixture@db/orders", "s3cret-fixture"],
    ["jdbc:oracle:thin:app/s3cret-fixture@//db.example:1521/orders", "s3cret-fixture"],
    ['jdbc:oracle:thin:app/"s3cret@fixture"@//db.example:1521/orders', "s3cret@fixture"],
    ["jdbc:sqlserver://db:1433;user=app;password=s3cret-fixture;encrypt=true", "s3cret-fixture"],
    ["Server=db;User Id=app;Password=s3cret-fixture;Encrypt=true", "s3cret-fixture"],
    ['Server=db;Password="ab""s3cret";', 'ab"s3cret'],
    ["Password=my s3cret phrase;Encrypt=true", "my s3cret phrase"],
    ["Driver={ODBC};Uid=app;Pwd={s3cret;fixture};", "s3cret;fixture"],
    ["host=db user=app password='s3cret fixture' sslmode=require", "s3cret fixture"],
    ["Driver={ODBC};Uid=app;Pwd={s3cret}}fixture};", "s3cret}fixture"],
    ["host=db user=app password='s3cret\\'fixture' sslmode=require", "s3cret'fixture"],
    ["app/s3cret-fixture@db.example/orders", "s3cret-fixture"],
    ["https://app.example/#access_token=s3cret-fixture&token_type=bearer", "s3cret-fixture"],
    ["https://hooks.example/services/T01/B02/s3cretFixture4711aB", "s3cretFixture4711aB"],
    ["https://api.example/bot123456:s3cretFixture4711aB-x/send", "s3cretFixture4711aB-x"],
    ["AccountName=s;AccountKey=s3cretfixture==;EndpointSuffix=x", "s3cretfixture=="],
    ["Endpoint=sb://x/;SharedAccessKeyName=R;SharedAccessKey=s3cret-fixture", "s3cret-fixture"],
    ["https://x.blob.example/c?sv=1&sig=s3cret-fixture", "s3cret-fixture"],
    ["jdbc:postgresql://db/orders?user=app&password=s3cret-fixture&sslpassword=0ther-fixture", "0ther-fixture"],
    ["postgres://a:first-fixture@h1/x postgres://b:second-fixture@h2/y", "second-fixture"],
    ['A="s3cret-fixture" # rotated\nB=1', "s3cret-fixture"],
    ["A=s3cret-fixture # rotated\nB=1", "s3cret-fixture"],
    ["PORT=8080\nexport STRIPE='s3cret-fixture'\n", "s3cret-fixture"],
    [`//registry.example/:${npmKey}=s3cret-fixture`, "s3cret-fixture"],
    ["machine h login u password s3cret-fixture", "s3cret-fixture"],
    ["h:5432:d:u:s3cret\\:fixture", "s3cret:fixture"],
    ["<password>s3cret-fixture</password>", "s3cret-fixture"],
    ["alice:s3cret-fixture\nbob:other", "s3cret-fixture"],
    ["<password><![CDATA[s3cret<fixture]]></password>", "s3cret<fixture"],
    ["keys:\n- first\n- s3cret-fixture\n", "s3cret-fixture"],
    ["db: {user: app, password: s3cret-fixture}", "s3cret-fixture"],
    ['[{name: a, token: "s3cret\\"fixture"}]', 's3cret"fixture'],
    ["{password: 's3cret-fixture', // rotated\n}", "s3cret-fixture"],
    ["key: &shared s3cret-fixture", "s3cret-fixture"],
    ["key: !!str s3cret-fixture", "s3cret-fixture"],
    ["key: |\n  s3cret\n  fixture\nuser: app\n", "s3cret\nfixture"],
    ["key: >-\n    s3cret\n    fixture\n", "s3cret fixture"],
    ["a.password=s3cret-\\\n    fixture\n", "s3cret-fixture"],
    ["a.password=s3cr\\u00e9t-fixture", "s3cr\u00e9t-fixture"],
    ["A=$'s3cret\\'fixture'", "s3cret'fixture"],
    ['{"k":"first"}\n{"k":"s3cret-fixture"}\n', '{"k":"s3cret-fixture"}'],
    ["stripe:\n  key: s3cret-fixture\n", "s3cret-fixture"],
    ["Bearer s3cret-fixture", "s3cret-fixture"],
    ["app:s3cret-fixture@tcp(db.example:3306)/orders", "s3cret-fixture"],
    ["app:s3cret-fixture@proxy.example:3128", "s3cret-fixture"],
    ['LoginModule required username="a" password="s3cret\\"fixture";', 's3cret"fixture'],
    ["LoginModule required username='a' password='s3cret\\'fixture';", "s3cret'fixture"],
    ['<add connectionString="Server=s;Password=s3cret&amp;fixture;Encrypt=true" />', "s3cret&fixture"],
    ["<password>s3cret&lt;fixture</password>", "s3cret<fixture"],
    ["s3cret0fixture0t0ken,0ther0fixture0t0ken", "0ther0fixture0t0ken"],
    ["bot\ts3cret0fixture0t0ken\nguest\t0ther0fixture0t0ken", "0ther0fixture0t0ken"],
    ["admin|00112233-4455-6677-8899-aabbccddeeff|7", "00112233-4455-6677-8899-aabbccddeeff"],
    ["curl -H 'X-Api-Key: s3cret0fixture0t0ken' https://api.example/v1", "s3cret0fixture0t0ken"],
    ["define('DB_PASSWORD', 's3cret0fixture0t0ken');", "s3cret0fixture0t0ken"],
    ['$env:API_TOKEN = "s3cret-fixture"', "s3cret-fixture"],
    ['"password" => "s3cret-fixture"', "s3cret-fixture"],
    ["PASSWORD ?= s3cret-fixture", "s3cret-fixture"],
    [`Basic ${base64("app:s3cret-fixture")}`, "s3cret-fixture"],
    [base64("s3cret-fixture"), "s3cret-fixture"],
    [base64('{"k":"s3cret-fixture"}'), '{"k":"s3cret-fixture"}'],
  ])("of %j include %j", (text, value) => {
    expect(innerValues(text)).toContain(value);
  });

  test.each([
    "s3cret-fixture",
    "",
    "password=",
    "%",
    "postgres://app:@db",
    "Server=db1;User Id=app;Port=5432",
    "https://api.example/v1/customers/2024/orders-by-month?page=2",
    "{level: information, mode: read-only}",
    "registry=https://npm.example/shop/",
    "bootstrap.servers=first.example:9092,second.example:9092",
    "roles=\"manager-gui\" mode='read-only'",
    "<id>shop-releases</id><username>release-manager</username>",
    "curl https://cdn.example/assets/app.js -o /var/lib/app/0123456789abcdef0123/app.js",
  ])("of %j are none that could be a secret", (text) => {
    expect(innerValues(text).filter((value) => value.length >= 8)).toEqual([]);
  });

  test("of a text longer than any connection string are not looked for", () => {
    expect(innerValues(`postgres://app:s3cret-fixture@db/${"x".repeat(10_000)}`)).toEqual([]);
  });

  test("are read in time that grows with the length of the text", () => {
    for (const part of ["a=", "a:b ", "<a>", '"', "://@", " ", "- ", "{a:", "a: |\n ", "\\", "&a ", "/a@", "a://b/"]) {
      // What backtracks would not end within the time limit of a test.
      expect(innerValues(part.repeat(8_000 / part.length)).length).toBeLessThan(8_000);
    }
  });
});
