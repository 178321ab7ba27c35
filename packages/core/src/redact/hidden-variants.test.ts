import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { throughTransform } from "../../test/redact/split-text.ts";
import { leakCheck } from "../testing/leak-check.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

const token = "Zq7xK2mNp4vT9wLb3Rd8";
/** What `{...token}` is, which only JavaScript allows. */
const spread = Object.assign({}, token) as unknown as Readonly<Record<string, string>>;
const phrase = "alpha-12\nbravo-34\ncharly56";

function redactorOf(value: string): Redactor {
  const redactor = createRedactor();
  redactor.register(value, { name: "db" });
  return redactor;
}

/** What each case prints; none of them has an escape or a line end that would have the text looked through anyway. */
const printed: readonly (readonly [kind: string, value: string, text: string])[] = [
  ["a quote doubled for SQL", "pass'word-long-99", "PASSWORD 'pass''word-long-99'"],
  ["a quote doubled for CSV", 'ab"cdefgh-long', 'x,"ab""cdefgh-long",y'],
  ["line ends as blanks", phrase, "key alpha-12 bravo-34 charly56 end"],
  ["line ends as tabs", phrase, "key alpha-12\tbravo-34\tcharly56 end"],
  ["line ends as syslog writes them", phrase, "key alpha-12#012bravo-34#012charly56 end"],
  ["blanks collapsed", "my  dog  ate  socks", "said my dog ate socks today"],
  ["a tab as a blank", "user\tsecret-99", "said user secret-99 today"],
  ["hex in groups of four bytes", token, "x 5a713778 4b326d4e 70347654 39774c62 33526438 y"],
  ["hex in groups of two bytes", token, "x 5a71 3778 4b32 6d4e 7034 7654 3977 4c62 3352 6438 y"],
  ["hex in pairs", token, "<5a 71 37 78 4b 32 6d 4e 70 34 76 54 39 77 4c 62 33 52 64 38>"],
  ["hex in pairs, upper case", token, "<5A 71 37 78 4B 32 6D 4E 70 34 76 54 39 77 4C 62 33 52 64 38>"],
  ["base64 in groups", token, "x WnE3eEsy bU5wNHZU OXdMYjNS ZDg= y"],
  ["pieces of a shell word", token, "+ login Zq7xK2mN''p4vT9wLb3Rd8 now"],
  ["pieces of a JavaScript string", token, 'say("Zq7xK2mN" + "p4vT9wLb3Rd8")'],
  ["back ticks of PowerShell", "pa$$word`tick-long", "pa`$`$word``tick-long"],
  ["a dollar sign doubled for Compose", "pa$word-today-99", "KEY=pa$$word-today-99 end"],
  ["a percent sign doubled for printf", "50%off-today-99", "KEY=50%%off-today-99 end"],
  ["a colour within it", token, `x ${token.slice(0, 10)}\u001b[31m${token.slice(10)}\u001b[39m y`],
  ["numbers in colour", token, inspect(Uint8Array.from(Buffer.from(token)), { colors: true })],
  ["numbers in colour, one a line", token, inspect([...Buffer.from(token)], { colors: true, breakLength: 10 })],
  ["a string that was spread, as JSON", token, JSON.stringify({ ...spread, level: "info" })],
  ["a string that was spread, sorted", token, JSON.stringify(spread, Object.keys(spread).sort())],
  ["a string that was spread, inspected", token, inspect(spread)],
  ["a string that was spread, in JSON in JSON", token, JSON.stringify({ msg: JSON.stringify(spread) })],
  ["named references of HTML", "p@ss$word!1/x=y:z", "p&commat;ss&dollar;word&excl;1&sol;x&equals;y&colon;z"],
  ["named references of Latin-1", "p\u00e4ssw\u00f6rd-lang-1", "p&auml;ssw&ouml;rd-lang-1"],
  ["base64 of Latin-1", "p\u00e4ssw\u00f6rd-lang-1", `Basic ${btoa("app:p\u00e4ssw\u00f6rd-lang-1")}`],
  ["blanks that do not break", "my dog ate socks", "said my\u00a0dog\u00a0ate\u00a0socks today"],
  ["a space without width in it", token, `x ${token.slice(0, 10)}\u200b${token.slice(10)} y`],
  ["a hyphen that is not shown", token, `x ${token.slice(0, 10)}\u00ad${token.slice(10)} y`],
  ["a mark of byte order in it", token, `x ${token.slice(0, 10)}\ufeff${token.slice(10)} y`],
  ["a line separator in it", token, `x ${token.slice(0, 10)}\u2028${token.slice(10)} y`],
  ["a set of characters that tput resets", token, `x ${token.slice(0, 10)}\u001b(B\u001b[m${token.slice(10)} y`],
  ["a space without width after each character", token, `x ${[...token].join("\u200b")} y`],
  ["a hyphen that is not shown after every six", token, `x ${token.replace(/.{6}/g, "$&\u00ad")} y`],
  ["what grep marks", token, `x ${token.slice(0, 10)}\u001b[01;31m\u001b[K${token.slice(10)}\u001b[m\u001b[K y`],
  ["UTF-16", token, Array.from(token, (one) => `${one}\0`).join("")],
  ["a list of eight numbers", "qwe3#rty", `body ${[...Buffer.from("qwe3#rty")].join(",")} end`],
  ["bytes of UTF-16", token, JSON.stringify(Buffer.from(token, "utf16le"))],
  ["bytes of UTF-16, inspected", token, inspect(Buffer.from(token, "utf16le"))],
  ["a colour between the halves of a pair", "pass-\u{1f525}word-77", "x pass-\ud83d\u001b[31m\udd25word-77 y"],
  ["decomposed letters", "p\u00e4ssw\u00f6rd-lang-1", "x pa\u0308sswo\u0308rd-lang-1 y"],
];

describe("what hides a value without an escape", () => {
  test.each(printed)("%s: is undone", (_, value, text) => {
    const masked = redactorOf(value).redact(text);
    expect(masked).toContain("[REDACTED:db]");
    expect(masked.length).toBeLessThan(text.length);
    expect(redactorOf(value).find(text)).toEqual(["db"]);
  });

  test.each(printed)("%s: is undone alike beside what has nothing to do with it", (_, value, text) => {
    const masked = redactorOf(value).redact(text);
    for (const other of [
      " 100%",
      "\nnext line",
      " \\ ",
      " a & b",
      " <Buffer",
      " \u001b[0m",
      " 1, 2, 3, 4, 5, 6, 7, 8, 9",
    ]) {
      expect(redactorOf(value).redact(text + other)).toBe(masked + other);
    }
  });

  test.each(printed)("%s: is undone alike wherever a stream is cut", async (_, value, text) => {
    const redactor = redactorOf(value);
    const line = `before ${text} after\n`;
    const whole = redactor.redact(line);
    for (let cut = 1; cut < line.length; cut++) {
      expect(await throughTransform(redactor, [line.slice(0, cut), line.slice(cut)]), `cut at ${cut}`).toBe(whole);
    }
  });

  test.each(printed)("%s: is undone in a line of JSON, which stays valid", (_, value, text) => {
    const line = redactorOf(value).redactJson(JSON.stringify({ level: 30, msg: text }));
    expect(JSON.parse(line)).toMatchObject({ level: 30 });
    expect(line).toContain("[REDACTED:db]");
  });
});

test.each([0, 1, 2])("base64 of UTF-16 in either order of bytes is undone: %d characters more", (more) => {
  const value = `s3cret-fixture${"-4".slice(0, more)}`;
  for (const before of ["", "a", "ab", "\ufeff"]) {
    const little = Buffer.from(before + value, "utf16le");
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      const masked = redactorOf(value).redact(`x ${bytes.toString("base64")} y`);
      expect(masked).toContain("[REDACTED:db]");
      expect(() => leakCheck([value]).assertNoLeak(masked)).not.toThrow();
    }
  }
});

describe("a list of numbers", () => {
  const values = ["qwe3#rty", "Fixture&s3kr", token];
  const bytesOf = (text: string): readonly number[] => [...Buffer.from(text)];
  const lists: Readonly<Record<string, (text: string) => string>> = {
    JSON: (text) => JSON.stringify(bytesOf(text)),
    "inspected in one line": (text) =>
      inspect(Uint8Array.from(bytesOf(text)), { breakLength: Number.POSITIVE_INFINITY, compact: true }),
    inspected: (text) => inspect(Uint8Array.from(bytesOf(text))),
    "JSON of an array of bytes": (text) => JSON.stringify(Uint8Array.from(bytesOf(text))),
    "the same, indented": (text) => JSON.stringify(Uint8Array.from(bytesOf(text)), null, 2),
    "indented JSON in JSON": (text) => JSON.stringify({ msg: JSON.stringify(Buffer.from(text), null, 2) }),
  };

  test.each(values.flatMap((value) => Object.entries(lists).map(([kind, print]) => [kind, value, print] as const)))(
    "is found wherever it begins, and what comes before it: %s of %s",
    (_, value, print) => {
      const redactor = redactorOf(value);
      for (let length = 0; length < 24; length++) {
        const [before, after] = ["x".repeat(length), "y".repeat(24 - length)];
        expect(redactor.find(`${before} ${print(value)} ${after}`), `after ${length} letters`).toEqual(["db"]);
      }
    },
  );

  test.each(["pa'ss\"w\\ord-99", "s3cret fixture/+99"])("may be of a text with escapes: %s", (value) => {
    for (const text of [JSON.stringify({ password: value }), encodeURIComponent(value), `x ${value}`]) {
      const line = JSON.stringify({ body: Buffer.from(text) });
      expect(redactorOf(value).redactJson(line)).toContain("[REDACTED:db]");
    }
  });
});

test.each<[kind: string, print: (text: string) => string]>([
  ["percent escapes", (text) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join("")],
  ["numbers", (text) => [...Buffer.from(text)].join(", ")],
  ["hex in groups", (text) => Buffer.from(text).toString("hex").replace(/.{4}/g, "$& ")],
  ["pieces", (text) => `${text.slice(0, 9)}' + '${text.slice(9)}`],
  ["a spread text", (text) => JSON.stringify({ ...Array.from(text) })],
])("a spread text may hold a value in %s", (_, print) => {
  const line = JSON.stringify({ ...Array.from(`key ${print(token)} end`), level: "info" });
  const masked = redactorOf(token).redactJson(line);
  expect(masked).toContain("[REDACTED:db]");
  expect(() => leakCheck([token]).assertNoLeak(masked)).not.toThrow();
});

describe("a stream that is cut where more may come", () => {
  const again = (text: string): string => encodeURIComponent(encodeURIComponent(text));
  const coded = (text: string): string =>
    Array.from(text, (one) => `&#x${(one.codePointAt(0) as number).toString(16)};`).join("");

  const halves = JSON.stringify(Object.assign({}, "XnKQ\u{1f600}UOz9Ht"));

  test.each<[kind: string, value: string, text: string]>([
    ["a mark of omission", "aB3$kL9!mN2@pQ5#rS8%tU1^vW4", "got 'aB3$kL9!mN2@pQ5#...'"],
    ["an escape in an escape", `s3cret "x <&>/fixture`, again(`s3cret "x <&>/fixture`)],
    ["an escape of a plus sign", "+ab+c-fixture-99+", encodeURIComponent("+ab+c-fixture-99+")],
    ["a number of a plus sign", "+ab+c-fixture-99+", coded("+ab+c-fixture-99+")],
    ["half a pair", "pa\u{1f525}ss-w\u00f6rd-77", "pa\u{1f525}ss-w' + '\u00f6rd-77"],
    ["half a pair in a colour", "pass-\u{1f525}w\u00f6rd-77", "pass\u001b[31m-\u{1f525}w\u00f6rd-77\u001b[39m"],
    ["a string in pieces, one a line", "my  dog  ate  socks", "said 'my  d' +\n  'og  ate  socks' +\n  ''"],
    ["bytes of JavaScript", "p\u00e4ss-\u65e5\u672c-9Q", "'p\\xe4ss-\\u65e5\\u672c-9Q'"],
    ["indented JSON in JSON", token, JSON.stringify({ msg: JSON.stringify(Buffer.from(token), null, 2) })],
    ["an escape before a full stop", ",.C1]T>u-fixture", "\\u002C.C1\\u005DT\\u003Eu-fixture"],
    ["an escape of the quote that it begins with", "\"agTsvz'N7J", "a=%22agTsvz'N7J%"],
    ["a set of characters", "pass-word-fixture-77", "pass-word\u001b(B\u001b[m-fixture-77"],
    ["an escape that takes its first letters", "e8kQUvi-fixture", "%e8kQUv\u001b[31mi-fixture"],
    ["a spread pair of which each half is a member", "XnKQ\u{1f600}UOz9Ht", halves],
    ["a spread line end", phrase, JSON.stringify({ ...Array.from(phrase) })],
    ["a spread quote", `+ab"c'd-fixture`, JSON.stringify({ ...Array.from(`+ab"c'd-fixture`) })],
    ["a spread pair", "pa\u{1f525}ss-w\u00f6rd-77", inspect({ ...Array.from("pa\u{1f525}ss-w\u00f6rd-77") })],
  ])("holds what it is the beginning of: %s", async (_, value, text) => {
    const redactor = redactorOf(value);
    const line = `before ${text} after\n`;
    const whole = redactor.redact(line);
    expect(whole).toContain("[REDACTED:db]");
    expect(await throughTransform(redactor, line.split("")), "one unit at a time").toBe(whole);
    for (let cut = 1; cut < line.length; cut++) {
      expect(await throughTransform(redactor, [line.slice(0, cut), line.slice(cut)]), `cut at ${cut}`).toBe(whole);
    }
  });
});

test.each([
  ["a phrase, one word a line", "correct horse battery staple 7", "correct\n  horse\n  battery\n  staple\n  7"],
  ["a string that a backslash continues", "pa$w'ord-fixture-99", "pa$w'o\\\n    rd-fixture-99"],
])("the rest of a value is masked whose first line was too short to be held: %s", async (_, value, text) => {
  const redactor = redactorOf(value);
  const lines = `key: >-\n  ${text}\nnext line\n`.split(/(?<=\n)/);
  const masked = await throughTransform(redactor, lines);
  const [beginning = ""] = text.split("\n");
  expect(masked).toBe(`key: >-\n  ${beginning}\n[REDACTED:db]\nnext line\n`);
});

describe("a value with something in it that looks like an escape", () => {
  const values = ["tick%20-lang-ng-99", "ab'c+d\"e\\f+g/h=99", "x&amp;y-fixture-99", "a\\u0041b-fixture-99"];
  const codes = (text: string, print: (code: number) => string): string =>
    Array.from(text, (one) => print(one.charCodeAt(0))).join("");
  const hex = (code: number, length: number): string => code.toString(16).padStart(length, "0");
  const ways: Readonly<Record<string, (text: string) => string>> = {
    "percent escapes": (text) => codes(text, (code) => `%${hex(code, 2)}`),
    "HTML escapes": (text) => codes(text, (code) => `&#${code};`),
    "JavaScript escapes": (text) => codes(text, (code) => `\\u${hex(code, 4)}`),
    "JavaScript escapes in JSON in JSON": (text) =>
      JSON.stringify({ m: JSON.stringify({ msg: codes(text, (code) => `\\x${hex(code, 2)}`) }) }),
    "pieces of a shell word": (text) => `${text.slice(0, 10)}''${text.slice(10)}`,
    "colours within it": (text) => `${text.slice(0, 5)}\u001b[31m${text.slice(5, 10)}\u001b[39m${text.slice(10)}`,
    "a spread string in JSON in JSON in JSON": (text) =>
      [1, 2].reduce((json) => JSON.stringify({ msg: json }), JSON.stringify({ ...Array.from(text) })),
  };

  test.each(values.flatMap((value) => Object.entries(ways).map(([way, print]) => [way, value, print] as const)))(
    "is found in %s: %s",
    (_, value, print) => {
      const text = `login ${print(value)} failed`;
      const masked = redactorOf(value).redact(text);
      expect(masked).toContain("[REDACTED:db]");
      expect(() => leakCheck([value]).assertNoLeak(text)).toThrow("secret value");
      expect(() => leakCheck([value]).assertNoLeak(masked)).not.toThrow();
    },
  );
});

test.each([
  ["characters by their number, and those again", "\\u005c\\u0075\\u0030\\u0030"],
  ["the same in JSON", JSON.stringify("\\u005c\\u0075\\u0030\\u0030")],
])("nested escapes are undone: %s", (_, beginning) => {
  const again = (text: string): string =>
    Array.from(text, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const text = beginning.startsWith('"') ? JSON.stringify({ msg: again(again(token)) }) : again(again(token));
  expect(text).toContain(beginning.replaceAll('"', ""));
  expect(redactorOf(token).redact(`x ${text} y`)).toContain("[REDACTED:db]");
});

test("numbered references of HTML are undone in percent escapes, whatever else the value has", () => {
  const value = "pa\u{1f525}ss-w\u00f6rd-77";
  const html = Array.from(value, (one) => `&#${one.codePointAt(0)};`).join("");
  expect(redactorOf(value).redact(`q=${encodeURIComponent(html)}`)).toBe("q=[REDACTED:db]");
});

describe("a value whose end reads as an escape with what follows", () => {
  const html = (text: string): string => text.replaceAll("&", "&amp;");
  const json = (text: string): string => JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent;

  test.each<[end: string, next: string, ways: readonly ((text: string) => string)[]]>([
    ["%4", "e", [url, (text) => url(url(text)), (text) => json(url(text)), html]],
    ["%2", "5", [url, (text) => url(url(text))]],
    ["%", "41", [url, (text) => url(url(text))]],
    ["\\u00", "41", [url, (text) => url(json(text))]],
    ["&am", "p;", [html, url]],
  ])("is found in all escapes: %s before %s", async (end, next, ways) => {
    const value = `s3cret-fixture${end}`;
    const redactor = redactorOf(value);
    for (const write of ways) {
      const line = `q=${write(value + next)} now\n`;
      const masked = redactor.redact(line);
      expect(masked).toBe(`q=[REDACTED:db]${write(next)} now\n`);
      for (let cut = 1; cut < line.length; cut++) {
        expect(await throughTransform(redactor, [line.slice(0, cut), line.slice(cut)]), `cut at ${cut}`).toBe(masked);
      }
    }
  });
});

test.each<[kind: string, write: (text: string) => string, before: string]>([
  ["a URL", encodeURIComponent, "%25"],
  ["a URL in another one", (text) => encodeURIComponent(encodeURIComponent(text)), "%2525"],
  ["JSON in JSON", (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3), "%"],
])(
  "a value whose beginning and end both read as escapes with what is beside them is found in %s",
  (_, write, before) => {
    const value = 'aa-s3cret"fixture%0';
    expect(redactorOf(value).redact(`q=${write(`%${value}e`)} now`)).toBe(`q=${before}[REDACTED:db]e now`);
  },
);

test.each(['a\\b7-s3cret"fixture', 'a\\7b-s3cret"fixture', "b\u2028h9-s3cret-fixture"])(
  "a value whose beginning reads as an escape with a backslash before it is found in URLs: %s",
  (value) => {
    const [once, twice] = [encodeURIComponent, (text: string) => encodeURIComponent(encodeURIComponent(text))];
    for (const write of [once, twice]) {
      expect(redactorOf(value).redact(`q=${write(`\\${value}`)} now`)).toBe(`q=${write("\\")}[REDACTED:db] now`);
    }
  },
);

test("a value whose beginning reads as an escaped backslash with what is before it is found in URLs", async () => {
  const value = "5c\u65e5%1d-s3cret fixture";
  const redactor = redactorOf(value);
  const twice = (text: string): string => encodeURIComponent(encodeURIComponent(text));
  for (const [write, before] of [
    [encodeURIComponent, "%25"],
    [twice, "%2525"],
  ] as const) {
    const line = `q=${write(`%${value}`)} now\n`;
    expect(redactor.redact(line)).toBe(`q=${before}[REDACTED:db] now\n`);
    for (let cut = 1; cut < line.length; cut++) {
      const masked = await throughTransform(redactor, [line.slice(0, cut), line.slice(cut)]);
      expect(masked, `cut at ${cut}`).toBe(`q=${before}[REDACTED:db] now\n`);
    }
  }
});

test.each([
  ["a control character before what is not shown", "battery-7 fixture", "\\battery-\u200b7 fixture"],
  ["a percent escape in the references of HTML", "ee92a9-fixture", "%&#x65;&#x65;&#57;&#50;a9-fixture"],
])("a value whose beginning reads as %s is found", (_, value, text) => {
  expect(redactorOf(value).redact(`x ${text} y`)).toMatch(/^x [\\%]?\[REDACTED:db\] y$/);
});

describe("what a printer cut", () => {
  const password = "aB3$kL9!mN2@pQ5#rS8%tU1^vW4&xY7*";

  test.each<[kind: string, value: string, fail: () => unknown]>([
    ["a type error of Node", password, () => Buffer.concat([password as never])],
    [
      "a type error that shows a URL",
      "S3cr3tPassw0rd99",
      () => Buffer.concat(["postgres://app:S3cr3tPassw0rd99@db/shop" as never]),
    ],
    ["a timer of Node", password, () => setTimeout(password as never)],
    ["JSON.parse at its beginning", "s3cret#fixture!before", () => JSON.parse("s3cret#fixture!before")],
    ["JSON.parse in its middle", "s3cret#fixture!before", () => JSON.parse('{"a":"s3cret#fixture!before}')],
    ["JSON.parse of a value in a list", "s3cret#fixture!before", () => JSON.parse('["x", s3cret#fixture!before]')],
  ])("%s: shows none of the value", (_, value, fail) => {
    const message = messageOf(fail);
    const redactor = redactorOf(value);
    const json = redactor.redactJson(
      JSON.stringify({ err: { message, stack: `TypeError: ${message}\n    at x (y.js:1:1)` } }),
    );
    for (const masked of [redactor.redact(message), redactor.redact(`failed: "${message}"`), json]) {
      for (let at = 0; at + 8 <= value.length; at++) expect(masked).not.toContain(value.slice(at, at + 8));
    }
    expect(JSON.parse(json)).toHaveProperty("err.message");
  });

  test.each([
    ["percent escapes", (text: string) => encodeURIComponent(text)],
    [
      "JavaScript escapes",
      (text: string) => Array.from(text, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
    ],
  ])("is masked in %s too", (_, print) => {
    expect(redactorOf(password).redact(`x=${print("'aB3$kL9!mN2@pQ5#\u2026'")}`)).toContain("[REDACTED:db]");
  });

  test("stays where it may be any text", () => {
    const redactor = redactorOf("https://api.example.com/v1?key=s3cret-fixture-99");
    redactor.register("postgres-admin-99", { name: "pg" });
    for (const text of ["see https://...", "connecting to postgres...", "wait...", "a\u2026"]) {
      expect(redactor.redact(text)).toBe(text);
    }
  });
});

function messageOf(fail: () => unknown): string {
  try {
    fail();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
