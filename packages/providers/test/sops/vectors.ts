import { testFile } from "../test-file.ts";

/** Reads a file that sops 3.13.3 encrypted for the age identity of the tests. */
export function sopsFile(name: string): Buffer {
  return testFile("sops", name);
}

const binary =
  "SjCNMW/ISuyO4cv6dkOYf73fAloFmHxJTUNYO6c43W8pvwI5wX0B6iZJfYgzZLDMeaPT+4XA9nVcnaR73XFPM4gBgg/QXkDL3u4yZ8iyfIm1V/Shn18Egq4FUqHeF/7+q0gyAj2hqBppIxAM9CrquZ54LGfJlX7WxrjUElMHEQ0uFGP2RJuwCfqRhvvAdXzJfYneGW28jg/b4DNYBJxOCGZQfNl7By/IMHWgvrQWB74sjP1M2z0X0PeTL0IbmoRlA4TC0Qas4fuiaSeo7xPT18zqwb3CRmGJDM5SbPcl388QdaXPH4dKEyU89e0HYMKzrTBbf8HkrGI+RG6XypH/IGzi4WTBrcoQaiCzu+j3wsZCjyr+QHpXB0nQ1ZC1oEro3LXJklHFwI05o/a0AP8=";

/** Some of it encrypted, by comments, with a MAC over that part alone. */
const commented = {
  clear: "one",
  top: "s3cret-fixture",
  db: '{"host":"clear-host","password":"s3cret-fixture","port":5432,"name":"app"}',
  keys: '{"first":"s3cret-one","second":"s3cret-two","empty":""}',
  list: '["s3cret-item","clear-item"]',
  maps: '[{"name":"s3cret-name","pw":"s3cret-pw"},{"name":"clear-name"}]',
  last: "end",
};

/** file -> its fields, or its bytes as base64 */
export const sopsContents: Readonly<Record<string, Readonly<Record<string, string>> | string>> = {
  "all.yaml": {
    db: '{"user":"app","password":"s3cret-fixture","port":5432,"ratio":1.5,"big":1000000000000000000000,"small":0.00000015,"tls":true,"off":false,"none":null,"empty":"","10":"ten","2":"two","multi":"line one\\nline two\\n","time":"2001-12-14T21:59:43.1-05:00","day":"2002-12-14T00:00:00Z"}',
    hosts: '["x","y",3]',
    nested: '[{"name":"a","values":[1,2.5,null,""]}]',
    plain_unencrypted:
      '{"text":"in the clear","number":31,"octal":511,"under":1000,"float":602000000000000000000000,"date":"2001-12-14T00:00:00Z","stamp":"2001-12-14 21:59:43.10 -5","yes":"yes","list":["a",1,true,null]}',
    unicode: "s3cret-äß-密-🔑",
  },
  "all.json": {
    db: '{"user":"app","password":"s3cret-fixture","port":5432,"ratio":1.5,"tls":true,"none":null,"empty":"","10":"ten","2":"two"}',
    big: "9007199254740993",
    exp: "1000",
    hosts: '["x","y",3,{"a":"b"}]',
    plain_unencrypted: '{"n":1.5,"i":10,"e":602000000000000000000000,"b":false}',
    esc: 'q"\\\né/🔑',
  },
  "all.env": {
    USER: "app",
    PASSWORD: "s3cret-fixture",
    QUOTED: '"with quotes"',
    SPACES: "  two  ",
    MULTI: "one\ntwo",
    EMPTY: "",
    EQ: "a=b",
    PLAIN_unencrypted: "clear",
  },
  "all.ini": {
    top: "level",
    db: '{"user":"app","password":"s3cret-fixture","port":"5432","empty":""}',
    other: '{"hash":"a#b;c","spaces":"  x  ","keep_unencrypted":"clear"}',
  },
  "all.bin": binary,
  "multi.yaml": { "0": '{"a":"one","b":1}', "1": '{"c":"two"}', "2": '{"d":["three"]}' },
  "regex.yaml": {
    apiVersion: "v1",
    kind: "Secret",
    metadata: '{"name":"db","labels":{"n":"1"}}',
    data: '{"password":"czNjcmV0"}',
    stringData: '{"user":"app"}',
  },
  "unregex.yaml": {
    apiVersion: "v1",
    kind: "Secret",
    metadata: '{"name":"db","labels":{"n":"1"}}',
    data: '{"password":"czNjcmV0"}',
    stringData: '{"user":"app"}',
  },
  "suffix.yaml": { a: "clear", b_secret: "one", c: '{"d_secret":{"x":"two"},"e":"clear"}' },
  "comment.yaml": { a: "clear", b: "one", c: '{"d":"clear","e":["two","three"]}' },
  "uncomment.yaml": { a: "one", b: "clear", c: "three" },
  "maconly.yaml": { a: "one", b_unencrypted: "clear" },
  "both.yaml": { a: "clear", b: "one" },
  "encrypted-comment.yaml": commented,
  "unencrypted-comment.yaml": commented,
  "encrypted-comment.env": { A: "clear", B: "s3cret-fixture", C: "clear" },
  "encrypted-comment.ini": { db: '{"user":"app","pw":"s3cret-fixture"}', other: '{"x":"y"}' },
  "shamir.yaml": { a: "one", b: "2" },
  "shamir.env": { A: "one" },
};
