import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { mayUseNamespaces, runInPrivateNetwork } from "./private-network.ts";

const hosts = ["secretsmanager.us-west-2.amazonaws.com"];
/** Of an instance, of the tasks of ECS, and of the pods of EKS. */
const addresses = ["169.254.169.254", "169.254.170.2", "169.254.170.23"];

describe.skipIf(!mayUseNamespaces())("the official client of Secrets Manager and this one", () => {
  let seen: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    seen = await runInPrivateNetwork(join(import.meta.dirname, "aws.process.ts"), hosts, { addresses });
  });

  test.each([
    ["an instance, by the second version of its metadata service", "instance", "ASIAINSTANCE00000001"],
    ["a task of ECS", "task", "ASIATASK000000000001"],
    ["a pod of EKS with Pod Identity", "pod", "ASIAPOD0000000000001"],
    ["a function of Lambda", "lambda", "ASIALAMBDA0000000001"],
  ])("log in with the keys of %s, and read the same", (_, place, signer) => {
    expect(seen[place]).toEqual({ same: true, signers: [signer] });
  });

  test("find the extension of Lambda at its port, wait until it is ready, and tell a wrong token", () => {
    expect(seen).toMatchObject({
      extension: [true, true],
      ready: true,
      refused: "UNAUTHENTICATED login-refused",
    });
  });
});
