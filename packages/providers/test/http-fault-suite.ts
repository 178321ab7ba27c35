import { inspect } from "node:util";
import type { Provider, ProviderResult, SecretErrorCode } from "@tacit/core/provider";
import type { ManualClock } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DoubleAnswer, endLogins, type HttpDouble } from "./http-double.ts";

/** A provider over a double that holds one secret, whose clock is the test's. */
export interface FaultTarget<Request> {
  readonly double: HttpDouble<Request>;
  readonly clock: ManualClock;
  readonly provider: Provider;
  /** Where the secret is. */
  readonly path: string;
  /** Whether a request asks for the secret, and not for a login or for anything else on the way. */
  asksForSecret(request: Request): boolean;
  /** Where a redirect leads that must not be followed. Default: the double itself, for an adapter that follows none. */
  readonly redirectOrigin?: string;
  /** Ends the login at the store. With `refuse`, no other one is granted until the returned function is called. Default: the double does. */
  expireLogin?(refuse: boolean): Promise<() => Promise<void>>;
  /** Texts that no error may hold: the value, tokens. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

/** What a store is expected to say where its own words differ from those of every other. */
export interface FaultExpectations
  extends Readonly<Partial<Record<"html-200" | "denied" | "html-403" | "not-object", Expectation>>> {
  /** Set where any body is a value, so that none can be malformed. */
  readonly takesAnyBody?: true;
}

interface Expectation {
  readonly code: SecretErrorCode;
  readonly reason?: string;
}

/** Makes tests of what the network, proxies and a store under load do to every HTTP adapter. After each, the adapter reads again. */
export function httpFaultSuite<Request>(
  name: string,
  open: () => Promise<FaultTarget<Request>>,
  expectations: FaultExpectations = {},
): void {
  describe(`${name} meets`, () => {
    let it: FaultTarget<Request>;
    beforeEach(async () => {
      it = await open();
      await expect(read(it)).resolves.toMatchObject({ status: "ok" });
    });
    afterEach(() => it.close());

    const answering = (answer: DoubleAnswer): void => {
      it.double.override = (request) => (it.asksForSecret(request) ? answer : undefined);
    };
    const expireLogin = (refuse: boolean): Promise<() => Promise<void>> =>
      it.expireLogin?.(refuse) ?? endLogins(it.double, refuse);
    const heals = async (): Promise<void> => {
      it.double.override = () => undefined;
      it.double.writes = () => false;
      it.double.isStalled = false;
      it.double.isHalfOpen = false;
      await expect(read(it)).resolves.toMatchObject({ status: "ok" });
    };
    const fails = async (reading: Promise<unknown>, expected: object): Promise<void> => {
      const error = await failure(reading);
      expect(error).toMatchObject(expected);
      const printed = inspect(error, { depth: 10, showHidden: true });
      for (const secret of [...it.secrets, "s3cret-fixture"]) expect(printed).not.toContain(secret);
    };

    test.each<[string, DoubleAnswer, Expectation & { readonly retryAfterMs?: number }]>([
      [
        "a 429 with a pause in seconds",
        { status: 429, headers: { "retry-after": "7" } },
        { code: "THROTTLED", retryAfterMs: 7000 },
      ],
      ["a 429 without a pause", { status: 429 }, { code: "THROTTLED" }],
      [
        "a 429 with a pause that is no number",
        { status: 429, headers: { "retry-after": "soon" } },
        { code: "THROTTLED" },
      ],
      ["a 429 with a negative pause", { status: 429, headers: { "retry-after": "-5" } }, { code: "THROTTLED" }],
      [
        "a 429 with a pause of a year",
        { status: 429, headers: { "retry-after": "31536000" } },
        { code: "THROTTLED", retryAfterMs: 300_000 },
      ],
      [
        "a 503 with a pause",
        { status: 503, headers: { "retry-after": "3" } },
        { code: "UNAVAILABLE", retryAfterMs: 3000 },
      ],
      ["a 502 in the HTML of a proxy", { status: 502, ...html }, { code: "UNAVAILABLE" }],
      ["a 500 in the HTML of a proxy", { status: 500, ...html }, { code: "UNAVAILABLE" }],
      ["a 504", { status: 504 }, { code: "UNAVAILABLE" }],
      ["a login page with status 200", { status: 200, ...html }, expectations["html-200"] ?? malformed],
      ...(expectations.takesAnyBody === true ? [] : malformedBodies(expectations["not-object"] ?? malformed)),
      [
        "a body without end",
        { status: 200, body: `"${"x".repeat(6 * 1024 * 1024)}"` },
        { code: "INTERNAL", reason: "answer-too-large" },
      ],
      ["a 503 with a body without end", { status: 503, body: "x".repeat(6 * 1024 * 1024) }, { code: "UNAVAILABLE" }],
      ["a denial", { status: 403 }, expectations.denied ?? { code: "PERMISSION_DENIED" }],
      ["a 403 in the HTML of a firewall", { status: 403, ...html }, expectations["html-403"] ?? malformed],
    ])("%s", async (_what, answer, expected) => {
      answering(answer);
      await fails(read(it), expected);
      await heals();
    });

    test.each([3_600_000, -3_600_000])(
      "a 429 with a pause up to a date, by a clock that is %i ms ahead",
      async (skewMs) => {
        const serverNow = (): number => it.clock.now() + skewMs;
        it.double.now = serverNow;
        answering({ status: 429, headers: { "retry-after": new Date(serverNow() + 9000).toUTCString() } });
        const error = (await failure(read(it))) as { readonly retryAfterMs?: number };
        expect(error).toMatchObject({ code: "THROTTLED" });
        // Both dates are exact to the second.
        expect(error.retryAfterMs).toBeGreaterThanOrEqual(8000);
        expect(error.retryAfterMs).toBeLessThanOrEqual(9000);
      },
    );

    test("a 404 that the store has not written: nothing is known of the secret", async () => {
      for (const answer of [{ status: 404, ...html }, { status: 404 }]) {
        answering(answer);
        await fails(read(it), { code: "INTERNAL" });
      }
      await heals();
    });

    test.each([301, 302, 303, 307, 308])("a redirect with status %i, which is not followed", async (status) => {
      const before = it.double.requests.length;
      answering({ status, headers: { location: `${it.redirectOrigin ?? it.double.url}/login?s3cret-fixture=1` } });
      await fails(read(it), { code: "INTERNAL", reason: "redirect" });
      expect(it.double.requests.slice(before).filter((request) => it.asksForSecret(request))).toHaveLength(1);
      await heals();
    });

    test.each<[string, string]>([
      ["before an answer", ""],
      ["within its head", "HTTP/1.1 200 OK\r\ncontent-type: appl"],
      ["within its body", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"data":'],
      ["within a chunk", 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{"data":'],
    ])("a connection that breaks off %s", async (_where, text) => {
      it.double.writes = (request, { socket }) => {
        if (!it.asksForSecret(request) || socket === null) return false;
        socket.end(text);
        return true;
      };
      await fails(read(it), { code: "UNAVAILABLE", reason: "connection-reset" });
      await heals();
    });

    test("a connection that is reset", async () => {
      it.double.writes = (request, response) => {
        if (it.asksForSecret(request)) it.double.reset(response);
        return it.asksForSecret(request);
      };
      await fails(read(it), { code: "UNAVAILABLE", reason: "connection-reset" });
      await heals();
    });

    test("silence, which ends with a deadline", async () => {
      it.double.isStalled = true;
      const [before, reading] = [it.double.requests.length, failure(read(it))];
      await it.double.until(() => it.double.requests.length > before);
      await it.clock.advance(9000);
      await fails(Promise.reject(await reading), { code: "UNAVAILABLE", reason: "timeout" });
      await heals();
    });

    test("a server that takes connections and reads nothing", async () => {
      await it.double.close();
      it.double.isHalfOpen = true;
      await it.double.listen();
      const [before, reading] = [it.double.connections, failure(read(it))];
      await it.double.until(() => it.double.connections > before);
      await it.clock.advance(9000);
      await fails(Promise.reject(await reading), { code: "UNAVAILABLE", reason: "timeout" });
      await it.double.close();
      it.double.isHalfOpen = false;
      await it.double.listen();
      await heals();
    });

    test("nobody at its address", async () => {
      await it.double.close();
      await fails(read(it), { code: "UNAVAILABLE", reason: "connection-refused" });
      await it.double.listen();
      await heals();
    });

    test("a login that has ended, which it renews once, and does not hammer where that is refused", async () => {
      const grant = await expireLogin(false);
      await expect(read(it)).resolves.toMatchObject({ status: "ok" });
      await grant();
      const allow = await expireLogin(true);
      const before = it.double.requests.length;
      await fails(read(it), { code: "UNAUTHENTICATED" });
      expect(it.double.requests.length - before).toBeLessThanOrEqual(4);
      await allow();
    });

    test("a login that ends while a hundred reads run, all of which are answered", async () => {
      const first = it.double.requests.length;
      await read(it);
      const before = it.double.requests.length;
      const reads = Array.from({ length: 100 }, () => read(it));
      await it.double.until(() => it.double.requests.length > before);
      const grant = await expireLogin(false);
      const statuses = (await Promise.all(reads)).map(({ status }) => status);
      expect(statuses).toEqual(Array.from({ length: 100 }, () => "ok"));
      // Each is sent twice at most, and there are few logins, whoever asks.
      expect(it.double.requests.length - before).toBeLessThanOrEqual(200 * (before - first) + 10);
      await grant();
    });

    test("an abort while the store is silent", async () => {
      it.double.isStalled = true;
      const controller = new AbortController();
      const before = it.double.requests.length;
      const reading = failure(it.provider.get({ path: it.path, version: "current" }, controller));
      await it.double.until(() => it.double.requests.length > before);
      const reason = new Error("nobody waits");
      controller.abort(reason);
      expect(await reading).toBe(reason);
      await heals();
    });
  });
}

const html = { headers: { "content-type": "text/html" }, body: "<html><body>s3cret-fixture</body></html>" };
const malformed: Expectation = { code: "INTERNAL", reason: "malformed-answer" };

function malformedBodies(notObject: Expectation): [string, DoubleAnswer, Expectation][] {
  return [
    ["broken JSON", { status: 200, body: '{"a": s3cret-fixture' }, malformed],
    ["an empty body", { status: 200, body: "" }, malformed],
    ["text that is not UTF-8", { status: 200, body: new Uint8Array([0x22, 0xff, 0x22]) }, malformed],
    ["JSON that is not an object", { status: 200, body: "[]" }, notObject],
    ["JSON that is null", { status: 200, body: "null" }, notObject],
  ];
}

function read<Request>({ provider, path }: FaultTarget<Request>): Promise<ProviderResult> {
  return provider.get({ path, version: "current" }, new AbortController());
}

/** What it rejects with; an answer is a failure of the test. */
async function failure(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    (result) => expect.fail(`answered ${inspect(result)}`),
    (error: unknown) => error,
  );
}
