import { show } from "../own-property.ts";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

/** The members in which winston stores the level by which transports filter, and the finished line. */
const level = Symbol.for("level");
const message = Symbol.for("message");

/**
 * Returns the info that a transport may print: the given one if it contains no registered value, else a masked copy. A line of
 * JSON is masked as JSON. The level stays unchanged because transports look it up. An info that cannot be checked is replaced
 * with a fixed line.
 */
export function redactInfo<Info extends object>(info: Info, redactor: Redactor): Info {
  try {
    const copy = redactor.deep(info, "winston");
    // The copy is a string if the object could not be read.
    if (typeof copy !== "object" || copy === null) return fixedInfo(info);
    const line = lineOf(info);
    const masked = typeof line === "string" ? redactor.redactJson(line, "winston") : undefined;
    if (copy === info && masked === line) return info;
    const target = copy === info ? cloneOf(info) : copy;
    if (masked !== undefined) show(target, message, masked);
    if (level in info) show(target, level, info[level]);
    return target;
  } catch {
    return fixedInfo(info);
  }
}

/**
 * Returns an info that contains only the level and a fixed line. The line is JSON, because a collector that expects text can
 * display JSON too.
 */
export function fixedInfo<Info extends object>(info: Info): Info {
  const fields = { level: "error", message: fixedLine };
  return { ...fields, [level]: levelOf(info) ?? fields.level, [message]: JSON.stringify(fields) } as object as Info;
}

function lineOf(info: object): unknown {
  return message in info ? info[message] : undefined;
}

function levelOf(info: object): unknown {
  try {
    return level in info ? info[level] : undefined;
  } catch {
    return undefined;
  }
}

function cloneOf<Info extends object>(info: Info): Info {
  return Object.create(Object.getPrototypeOf(info), Object.getOwnPropertyDescriptors(info)) as Info;
}
