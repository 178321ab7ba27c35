import { expect, test } from "vitest";
import { unusedAccountToken } from "./findings.ts";

test("a mounted service account token that no provider uses is a finding", () => {
  const asked: string[] = [];
  const findings = unusedAccountToken((file) => asked.push(file) > 0);
  expect(findings).toMatchObject([{ level: "warning", code: "service-account-token", unanimous: true }]);
  expect(asked).toEqual(["/var/run/secrets/kubernetes.io/serviceaccount/token"]);
});

test("there is no finding if no service account token is mounted", () => {
  expect(unusedAccountToken(() => false)).toEqual([]);
});
