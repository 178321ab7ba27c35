import type { StandardIssue } from "../contract/standard-schema.ts";

/** An issue with the members that zod adds. For other libraries, only the path is used. */
export interface DetailedIssue extends StandardIssue {
  readonly code?: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  /** The valid values of the discriminator of a union. */
  readonly options?: readonly unknown[];
  readonly errors?: readonly (readonly DetailedIssue[])[];
  readonly issues?: readonly DetailedIssue[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly origin?: string;
  readonly params?: { readonly reason?: string; readonly tip?: string };
}

/** Returns the text of an issue, from its code and the type of the value, without quoting the value. */
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

/** Returns whether the author of the schema wrote the text; texts of zod begin with one of these words. */
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

/** Returns whether the text of an adapter quotes the refused value. Values of up to 3 characters are ignored: any sentence may contain them. */
function quotes(message: string, value: unknown): boolean {
  if (typeof value === "string") return value.length > 3 && message.includes(value);
  return typeof value === "object" && value !== null && Object.values(value).some((inner) => quotes(message, inner));
}
