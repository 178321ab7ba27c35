import { expect, test } from "vitest";
import { recogniseEtcdValue } from "./etcd-value.ts";

/** Bodies that the API server's own code opens, with the key 00 01 to 1f. */
const aesgcm = "AAECAwQFBgcICQoLLDqlG62ArnfipJuAFw67I2qDnXHvSt3PDA==";
const aescbc = "AAAAAAAAAAAAAAAAAAAAABavj6k7NXIbw4gNA4E7x94=";

test.each([
  ["aesgcm", aesgcm, 37],
  ["aescbc", aescbc, 32],
])("recognises a value of %s", (cipher, body, bodyBytes) => {
  const value = Buffer.concat([Buffer.from(`k8s:enc:${cipher}:v1:first:`), Buffer.from(body, "base64")]);
  expect(recogniseEtcdValue(value)).toEqual({ form: "encrypted", cipher, key: "first", bodyBytes });
});

test.each([
  ["protobuf", "k8s\0\n\u000bv1", { form: "protobuf" }],
  ["KMS v2", "k8s:enc:kms:v2:plugin:body", { form: "encrypted", cipher: "kms-v2", key: "plugin", bodyBytes: 4 }],
  ["secretbox", "k8s:enc:secretbox:v1:a:body", { form: "encrypted", cipher: "secretbox", key: "a", bodyBytes: 4 }],
  ["KMS v1", "k8s:enc:kms:v1:plugin:body", { form: "encrypted", cipher: "kms-v1", key: "plugin", bodyBytes: 4 }],
  ["a body with colons", "k8s:enc:aescbc:v1:a::b:", { form: "encrypted", cipher: "aescbc", key: "a", bodyBytes: 3 }],
  ["JSON", '{"apiVersion":"v1","kind":"Pod"}', { form: "json" }],
  ["large JSON", `{"apiVersion":"v1","kind":"Pod","x":"${"x".repeat(1.6 * 1024 * 1024)}"}`, { form: "json" }],
  ["large JSON of others", `{"x":"${"x".repeat(1.6 * 1024 * 1024)}"}`, { form: "unknown" }],
  ["JSON of others", '{"password":"s3cret-fixture"}', { form: "unknown" }],
  ["half of JSON", '{"apiVersion":"v1","kind":"Sec', { form: "unknown" }],
  ["null", "null", { form: "unknown" }],
  ["nothing", "", { form: "unknown" }],
  ["half of a header", "k8s:enc:aes", { form: "encrypted-unknown" }],
  ["a version to come", "k8s:enc:aesgcm:v2:a:body", { form: "encrypted-unknown" }],
  ["no name", "k8s:enc:aesgcm:v1::body", { form: "encrypted-unknown" }],
  ["a name without end", `k8s:enc:aesgcm:v1:${"a".repeat(300)}:`, { form: "encrypted-unknown" }],
  ["a name for a terminal", "k8s:enc:aesgcm:v1:\u001b[2J:body", { form: "encrypted-unknown" }],
  ["a header that is cut off", "k8s:", { form: "unknown" }],
])("answers of %s what can be known", (_what, value, recognised) => {
  expect(recogniseEtcdValue(Buffer.from(value))).toEqual(recognised);
});

test("takes bytes that are no text for no name", () => {
  const value = Buffer.concat([Buffer.from("k8s:enc:secretbox:v1:"), Buffer.from([0xff, 0xfe, 0x3a, 1])]);
  expect(recogniseEtcdValue(value)).toEqual({ form: "encrypted-unknown" });
});
