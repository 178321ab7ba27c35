import { expect, test } from "vitest";
import { unusedAccountToken } from "./findings.ts";

test("a mounted token that nobody uses is a finding, for all providers alike", () => {
  const asked: string[] = [];
  const findings = unusedAccountToken((file) => asked.push(file) > 0);
  expect(findings).toMatchObject([{ level: "warning", code: "service-account-token", unanimous: true }]);
  expect(asked).toEqual(["/var/run/secrets/kubernetes.io/serviceaccount/token"]);
});

test("it is none where no token is mounted", () => {
  expect(unusedAccountToken(() => false)).toEqual([]);
});
