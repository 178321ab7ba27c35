import { floatText, leafOf, type SopsLeaf } from "../tree.ts";

/**
 * Reads a plain scalar of YAML as the parser of SOPS does (go-yaml 3), which differs from YAML 1.2: it knows dates, octal numbers with
 * a leading zero, binary ones, and underscores. That matters for values that are not encrypted and still are part of the MAC.
 * @see https://github.com/go-yaml/yaml/blob/v3/resolve.go
 * @returns undefined for what SOPS cannot hold
 */
export function plainScalar(source: string): SopsLeaf | undefined {
  if (/^(?:|~|null|Null|NULL)$/.test(source)) return leafOf("null", "");
  if (/^(?:true|True|TRUE)$/.test(source)) return leafOf("bool", "True");
  if (/^(?:false|False|FALSE)$/.test(source)) return leafOf("bool", "False");
  const special = specials.get(source.replace(/^[+-]/, ""));
  if (special !== undefined && !(source.length === 5 && special === "NaN"))
    return leafOf("float", special === "NaN" ? special : `${source.startsWith("-") ? "-" : "+"}Inf`);
  if (!/^[+-]?[.\d]/.test(source)) return leafOf("str", source);
  const time = timeOf(source);
  if (time !== undefined) return leafOf("time", time);
  const plain = source.replaceAll("_", "");
  const integer = integerOf(plain);
  if (integer !== undefined) {
    if (BigInt.asIntN(64, integer) === integer) return leafOf("int", integer.toString());
    return BigInt.asUintN(64, integer) === integer ? undefined : leafOf("float", floatText(Number(integer)));
  }
  // To go-yaml, a number that no float can hold is text.
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain) && Number.isFinite(Number(plain)))
    return leafOf("float", floatText(Number(plain)));
  return leafOf("str", source);
}

const specials: ReadonlyMap<string, string> = new Map([
  ...[".inf", ".Inf", ".INF"].map((name) => [name, "Inf"] as const),
  ...[".nan", ".NaN", ".NAN"].map((name) => [name, "NaN"] as const),
]);

function integerOf(plain: string): bigint | undefined {
  const [, sign, digits = ""] = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(plain) ?? [];
  if (sign === undefined) return undefined;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits.toLowerCase());
  return sign === "-" ? -value : value;
}

/** Returns the moment as RFC 3339, as it is hashed. */
function timeOf(source: string): string | undefined {
  const [, year, month = "", day = "", rest = ""] = /^(\d{4})-(\d{1,2})-(\d{1,2})(.*)$/.exec(source) ?? [];
  if (year === undefined) return undefined;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  // `Date` takes February 30 for a day in March.
  if (new Date(date).getUTCDate() !== Number(day)) return undefined;
  if (rest === "") return month.length > 0 ? `${date}T00:00:00Z` : undefined;
  const [, hour, minute = "", second = "", fraction = "", zone = "Z"] =
    /^(?:[Tt]|\s+)(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?\s*(Z|[-+]\d{2}:\d{2})?$/.exec(rest) ?? [];
  if (hour === undefined) return undefined;
  const clock = [hour, minute, second].map((part) => part.padStart(2, "0")).join(":");
  return `${date}T${clock}${fraction.replace(/\.?0*$/, "")}${zone === "+00:00" ? "Z" : zone}`;
}
