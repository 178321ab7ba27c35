import { expect, test } from "vitest";
import { signAlibabaCall } from "./alibaba-signature.ts";

const keys = { accessKeyId: "YourAccessKeyId", accessKeySecret: "YourAccessKeySecret" };

test("a call has the signature of the example in the documentation", () => {
  const call = {
    host: "ecs.cn-shanghai.aliyuncs.com",
    action: "RunInstances",
    version: "2014-05-26",
    query: { ImageId: "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", RegionId: "cn-shanghai" },
  };
  const signing = { at: new Date("2023-10-26T10:22:32Z"), nonce: "3156853299f313e23d1673dc12e1703d" };
  expect(signAlibabaCall(call, keys, signing)).toEqual({
    host: "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
    authorization:
      "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
  });
});

test("a name with a slash is encoded, an undefined parameter is left out, and the token is signed", () => {
  const call = {
    host: "kms.cn-hangzhou.aliyuncs.com",
    action: "GetSecretValue",
    version: "2016-01-20",
    query: { VersionStage: "ACSCurrent", SecretName: "prod/db", VersionId: undefined },
  };
  const signing = { at: new Date("2026-11-20T12:00:00.999Z"), nonce: "0123456789abcdef0123456789abcdef" };
  expect(signAlibabaCall(call, keys, signing).authorization).toMatch(
    /Signature=6c7f216c82e8678adf7907ec8062304276b3b6cd0f152c5c7da575321972a89b$/,
  );
  const lent = signAlibabaCall(call, { ...keys, securityToken: "s3cret-fixture" }, signing);
  expect(lent.authorization).toContain(";x-acs-security-token;");
  expect(lent["x-acs-security-token"]).toBe("s3cret-fixture");
});
