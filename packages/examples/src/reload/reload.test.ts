import { mockSecrets } from "@tacit/core/testing";
import { beforeEach, expect, test } from "vitest";
import { declared } from "../testing/app.ts";
import { logRotations, publishEach } from "./listeners.ts";
import { derivePool, type Pool } from "./pool.ts";

const before = { username: "before", password: "s3cret-fixture-before" };
const after = { username: "after", password: "s3cret-fixture-after" };
const mock = () => mockSecrets({ "db/primary": before }, { declare: declared });
let ended: string[];

beforeEach(() => {
  ended = [];
});

async function connect({ username }: { username: string }): Promise<Pool> {
  if (username === "refused") throw new Error("the database knows no such user");
  return { query: async () => username, end: async () => void ended.push(username) };
}

test("a listener is told of each change until it ends", async () => {
  const secrets = mock();
  const lines: string[] = [];
  const end = logRotations(secrets, (line) => lines.push(line));
  secrets.set("db/primary", after);
  await secrets.flush();
  expect(lines).toEqual([`rotated to version ${secrets.latest("db").meta.version}`]);
  end();
  secrets.set("db/primary", before);
  await secrets.flush();
  expect(lines).toHaveLength(1);
});

test("a loop gets the first value and each later one, and ends by its signal", async () => {
  const secrets = mock();
  const published: string[] = [];
  const ending = new AbortController();
  const loop = publishEach(secrets, async (username) => void published.push(username), ending.signal);
  await secrets.flush();
  secrets.set("db/primary", after);
  await secrets.flush();
  expect(published).toEqual(["before", "after"]);
  ending.abort();
  await loop;
});

test("a pool follows its secret, and the one before it ends after the grace period", async () => {
  const secrets = mock();
  const pool = derivePool(secrets, connect);
  await secrets.ready();
  expect(await pool.current.query("select 1")).toBe("before");
  secrets.set("db/primary", after);
  await secrets.flush();
  expect(await pool.current.query("select 1")).toBe("after");
  expect(ended).toEqual([]);
  await secrets.advance(30_000);
  expect(ended).toEqual(["before"]);
});

test("a value that opens no pool changes nothing", async () => {
  const secrets = mock();
  const pool = derivePool(secrets, connect);
  await secrets.ready();
  secrets.set("db/primary", { username: "refused", password: "s3cret-fixture-refused" });
  await secrets.flush();
  expect(await pool.current.query("select 1")).toBe("before");
  expect(secrets.latest("db").reveal().username).toBe("before");
  expect(secrets.health().status).toBe("degraded");
});
