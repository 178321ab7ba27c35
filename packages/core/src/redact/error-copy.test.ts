import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createRedactor } from "./redactor.ts";

const value = "s3cret-fixture";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

class HttpError extends Error {
  readonly status = 500;
  override readonly name = "HttpError";
}

class Renamed extends TypeError {
  override name = "ENOPE";
}

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("did not throw");
}

const many = () => new AggregateError([new TypeError("one"), "two"], "all failed");

/** What the Node of this process prints for errors of each make, once each. */
const errors: Record<string, () => Error> = {
  "an Error": () => new Error("x"),
  "an Error without a message": () => new Error(),
  "an Error with a cause": () => new Error("x", { cause: new RangeError("inner") }),
  "an Error with properties": () => Object.assign(new Error("x"), { z: 1, code: "E_X", a: { b: 2 } }),
  "an Error of several lines": () => new Error("x\ny"),
  "a TypeError": () => new TypeError("x"),
  "an AggregateError": many,
  "a class of AggregateErrors": () => new (class Several extends AggregateError {})([new Error("one")], "x"),
  "a class": () => new (class Failure extends Error {})("x"),
  "a class in a class": () => new (class Inner extends class Outer extends TypeError {} {})("x"),
  "a class without a name": () => new (class extends RangeError {})("x"),
  "a class that names itself": () => new HttpError("x"),
  "a class of another name": () => new Renamed("x"),
  "a name given later": () => Object.assign(new Error("x"), { name: "LaterError" }),
  "a name in the message": () => Object.assign(new Error("LaterError: x"), { name: "LaterError" }),
  "a DOMException": () => new DOMException("gone", "AbortError"),
  "an error of Node": () => thrownBy(() => Buffer.alloc("x" as never)),
  "an error of the system": () => thrownBy(() => process.chdir("/nowhere-at-all")),
  "an error with a tag": () => Object.assign(new Error("x"), { [Symbol.toStringTag]: "Tagged" }),
  "an Error without a stack": () => Object.assign(new Error("x"), { stack: "" }),
  "an Error whose stack is no text": () => Object.defineProperty(new Error("x"), "stack", { value: undefined }),
};

describe("the copy of an error", () => {
  test.each(Object.entries(errors))("that is %s prints what Node prints for the original", (_, make) => {
    const error = make();
    expect(inspect(redactor.error(error))).toBe(inspect(error));
    const cause = new Error("outer", { cause: error });
    expect(inspect(redactor.error(cause))).toBe(inspect(cause));
  });

  test("names its class once where a value is masked too", () => {
    const copy = redactor.error(new AggregateError([], value));
    expect(copy.stack?.split("\n")[0]).toBe("AggregateError: [REDACTED:db]");
    expect(inspect(copy).split("\n")[0]).toBe("AggregateError: [REDACTED:db]");
    expect(copy.constructor.name).toBe("AggregateError");
  });

  test("keeps the message of an error whose stack cannot be read", () => {
    const error = Object.defineProperty(new TypeError(`no ${value}`), "stack", {
      get: () => {
        throw new Error(value);
      },
    });
    for (const copy of [redactor.error(error), redactor.deep(error)]) {
      expect(copy.message).toBe("no [REDACTED:db]");
      expect(inspect(copy)).toBe("[TypeError: no [REDACTED:db]]");
    }
  });
});
