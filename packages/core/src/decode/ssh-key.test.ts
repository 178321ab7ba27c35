import { describe, expect, test } from "vitest";
import { type Content, password, read, refusal } from "../../test/decoding.ts";
import { sshKey } from "./ssh-key.ts";

describe("sshKey", () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${password}\n-----END OPENSSH PRIVATE KEY-----`;

  test.each([
    ["without its last line feed", key],
    ["with more than one", `${key}\n\n`],
  ])("gives a key %s with exactly one", async (_what, stored) => {
    expect(await read(sshKey(), { "ssh-privatekey": stored })).toBe(`${key}\n`);
  });

  test("takes a key of PuTTY", async () => {
    const putty = `PuTTY-User-Key-File-3: ssh-ed25519\n${password}\n`;
    expect(await read(sshKey(), { "ssh-privatekey": putty })).toBe(putty);
  });

  test.each<[string, string, Content]>([
    ["a public key", "private-key", { "ssh-privatekey": `ssh-ed25519 ${password} app@example` }],
    ["a key without its end", "private-key", { "ssh-privatekey": key.slice(0, 50) }],
    ["no key", "field-missing", { password }],
  ])("refuses %s", async (_what, reason, content) => {
    expect((await refusal(sshKey(), content)).reason).toBe(reason);
  });
});
