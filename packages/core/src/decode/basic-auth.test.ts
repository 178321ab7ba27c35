import { describe, expect, test } from "vitest";
import { password, read, refusal } from "../../test/decoding.ts";
import { basicAuth } from "./basic-auth.ts";

describe("basicAuth", () => {
  test("gives user and password", async () => {
    expect(await read(basicAuth(), { username: "app\n", password: `${password}\n` })).toEqual({
      username: "app",
      password,
    });
  });

  test("refuses a Secret with only one of them", async () => {
    expect((await refusal(basicAuth(), { password })).reason).toBe("field-missing");
  });
});
