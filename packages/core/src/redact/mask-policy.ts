import { hostname } from "node:os";

/**
 * How a value is masked. `auto`: masked unless it is so short or common that masking it would make logs unreadable and reveal
 * it. `always`: masked from 4 characters on; below 8 characters only as a whole word. `never`: not masked.
 */
export type Mask = "auto" | "always" | "never";

/**
 * One mask for the whole value, or one for each member of an object or of the JSON in a text. Default for a member: `auto`, but
 * a member whose name shows that it is not secret, such as `username` or `host`, is not masked itself.
 */
export type Masks = Mask | Readonly<Record<string, Mask>>;

/** Returns the mask of one member, or of the whole value if no member is given. */
export function maskOf(masks: Masks, member?: string): Mask {
  if (typeof masks === "string") return masks;
  return member !== undefined && Object.hasOwn(masks, member) ? (masks[member] ?? "auto") : "auto";
}

/** The names of members that occur beside a password and in every log, alone or as the last word of a longer name. */
const plainNames: ReadonlySet<string> = new Set("username user host hostname port engine dbname database".split(" "));
/** The names of such settings in a connection string, without spaces. */
const plainSettings: ReadonlySet<string> = new Set(
  `userid uid server datasource initialcatalog driver dbinstanceidentifier accountname endpointsuffix
  defaultendpointsprotocol endpoint sharedaccesskeyname sslmode applicationname`.split(/\s+/),
);

/** Whether a member or setting of this name is not secret by itself. */
export function isNoSecret(name: string): boolean {
  const last = name.split(/[\s_./:-]|(?<=[a-z])(?=[A-Z])/).at(-1) ?? "";
  const joined = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return plainNames.has(last.toLowerCase()) || plainNames.has(joined) || plainSettings.has(joined);
}

/** The minimum length for `auto`; shorter values are not secret on their own, and occur by chance. */
const minAutoLength = 8;
/** The minimum length of any value that is searched. */
export const minLength = 4;
/** The texts of markers. A part of them cannot be masked, because the result would be masked again. */
const markers = "[REDACTED:] [REDACTED]";
/** The minimum number of digits; fewer are ports, dates, sizes and addresses. */
const minDigits = 12;

/**
 * Values of 8 characters or more that are no secrets: users, hosts, environments, states, what stands in every key file of a
 * cloud. Shorter ones are refused by length.
 */
const commonValues: ReadonlySet<string> = new Set(
  `administrator anonymous application available changeme cluster.local configuration container database defaults
  deployment developer development disabled elasticsearch enabled-by-default encrypted endpoint environment example.com
  econnrefused exception external hostname identity information internal kubernetes local-dev localhost localhost.localdomain
  localhost:5432 maintenance messages metadata operator oracle-ee passw0rd password passwords permissive postgres postgresql
  preproduction production rabbitmq read-only read-write readonly readwrite redacted replica-set required root@localhost
  secondary security serviceaccount sqlserver standalone superuser template timestamp undefined unlimited username users-service
  verify-ca verify-full
  application/json application/octet-stream authorization content-type text/plain en_us.utf-8 true,false
  http:// https:// http://localhost https://localhost /var/run/secrets /etc/secrets
  service_account authorized_user external_account googleapis.com https://accounts.google.com/o/oauth2/auth
  https://accounts.google.com/o/oauth2/token https://oauth2.googleapis.com/token
  https://www.googleapis.com/oauth2/v1/certs https://www.googleapis.com/oauth2/v3/certs`
    .trim()
    .split(/\s+/),
);

/**
 * Cloud regions and zones, such as eu-west-1, us-gov-east-1 and europe-west4-b. A more general pattern would match
 * "sunny-coffee-table-7".
 */
const region =
  /^(?:[a-z]{2}|africa|asia|australia|europe|northamerica|southamerica)(?:-gov|-iso[a-z]?)?-(?:(?:north|south)?(?:east|west)|north|south|central)-?\d{1,2}(?:-?[a-z])?$/;

const isoDate = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const localAddress = /^(?:https?:\/\/localhost(?::\d+)?\/?|::ffff:[\d.]+)$/;

/** Whether a text, from which outer white space was removed, may be masked. */
export function isMaskableText(text: string, mask: Mask): boolean {
  if (mask === "never" || text.length < minLength || markers.includes(text)) return false;
  return mask === "always" || !isCommon(text);
}

/** Whether a value is masked only as a whole word. */
export function isMaskedAsWord(text: string): boolean {
  return text.length < minAutoLength;
}

function isCommon(text: string): boolean {
  if (text.length < minAutoLength || isMonotonous(text)) return true;
  if (/^[\d.,:/+ -]+$/.test(text) && text.replace(/\D/g, "").length < minDigits) return true;
  const word = text.toLowerCase();
  if (isoDate.test(text) || localAddress.test(word)) return true;
  return commonValues.has(word) || region.test(text) || machineWords().has(word);
}

/** Whether it consists of two different characters at most. */
function isMonotonous(text: string): boolean {
  const different = new Set<string>();
  for (const character of text) if (different.add(character).size > 2) return false;
  return true;
}

let knownMachineWords: ReadonlySet<string> | undefined;

/** Returns the names of the host and the user and the parts of the working directory, which occur in every log. */
function machineWords(): ReadonlySet<string> {
  if (knownMachineWords === undefined) {
    const host = hostname();
    const { USER = "", LOGNAME = "", HOME = "" } = process.env;
    const words = [host, ...host.split("."), USER, LOGNAME, ...HOME.split("/"), ...process.cwd().split(/[/\\]/)];
    knownMachineWords = new Set(words.map((word) => word.toLowerCase()));
  }
  return knownMachineWords;
}
