import type { StandardIssue } from "../contract/standard-schema.ts";

/** What zod adds to an issue; of another library's issues the path alone is used. */
export interface DetailedIssue extends StandardIssue {
  readonly code?: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  /** What may stand in the member that tells the forms of a union apart. */
  readonly options?: readonly unknown[];
  readonly errors?: readonly (readonly DetailedIssue[])[];
  readonly issues?: readonly DetailedIssue[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly origin?: string;
  readonly params?: { readonly reason?: string; readonly tip?: string };
}

/** Says what is wrong with the value that an issue is about, from its code and the value's type; never quotes the value. */
export function issueText(issue: DetailedIssue, value: unknown): string {
  if (isOwnText(issue)) return quotes(issue.message, value) ? "is not valid" : issue.message;
  switch (issue.code) {
    case "invalid_type":
      return typeText(issue.expected ?? "", value);
    case "invalid_value":
      return `must be ${alternatives(issue.values ?? [])}`;
    case "invalid_union":
      return issue.options === undefined ? "is not valid" : `must be ${alternatives(issue.options)}`;
    case "too_small":
      return `must ${bound("at least", issue.minimum, issue.origin)}`;
    case "too_big":
      return `must ${bound("at most", issue.maximum, issue.origin)}`;
    case "invalid_key":
      return `is not a usable key: ${keyText(issue.issues?.[0])}`;
    case "invalid_format":
      return "does not have the right form";
    default:
      return "is not valid";
  }
}

/** Whether the author of the schema wrote the text; the library's own begins with one of these words, in English. */
function isOwnText({ code, message }: DetailedIssue): boolean {
  return code !== undefined && code !== "invalid_key" && !/^(Invalid|Too small|Too big|Unrecognized)\b/.test(message);
}

function typeText(expected: string, value: unknown): string {
  const wanted = typeNames[expected] ?? "of another type";
  return value === undefined ? `is required and must be ${wanted}` : `must be ${wanted}, not ${typeName(value)}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isInteger(value)) return Number.isFinite(value) ? "a fraction" : "that";
  if (typeof value === "boolean") return "a boolean";
  return typeNames[typeof value] ?? "something else";
}

function alternatives(values: readonly unknown[]): string {
  const listed = values.map((value) => JSON.stringify(value));
  const last = listed.pop() ?? "something else";
  return listed.length === 0 ? last : `${listed.join(", ")} or ${last}`;
}

function bound(limit: string, size: number | bigint | undefined, origin: string | undefined): string {
  if (origin === "string") return size === 1 ? "not be empty" : `have ${limit} ${size} characters`;
  if (origin === "array") return size === 1 && limit === "at least" ? "not be empty" : `have ${limit} ${size} entries`;
  return `be ${limit} ${size}`;
}

function keyText(issue: DetailedIssue | undefined): string {
  return issue?.code === "custom"
    ? issue.message
    : "it must begin with a letter or digit, contain only letters, digits, . _ and -, and have at most 64 characters";
}

/** An adapter's own text may quote what it refuses; short words are no secret and stand in any sentence. */
function quotes(message: string, value: unknown): boolean {
  if (typeof value === "string") return value.length > 3 && message.includes(value);
  return typeof value === "object" && value !== null && Object.values(value).some((inner) => quotes(message, inner));
}
