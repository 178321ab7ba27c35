import { show } from "../own-property.ts";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

/** Where winston keeps the level that transports filter by, and the finished line. */
const level = Symbol.for("level");
const message = Symbol.for("message");

/**
 * What a transport may read and print of one log call: the info itself if it holds nothing registered, else a copy. The line is
 * masked as JSON if it is JSON; the level stays, since transports look it up. What cannot be checked becomes a fixed line.
 */
export function redactInfo<Info extends object>(info: Info, redactor: Redactor): Info {
  try {
    const copy = redactor.deep(info, "winston");
    // a string stands for an object that refused to be read
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

/** Says that there was a line, at its level, and nothing else; JSON, because a collector that expects text can show JSON too. */
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
