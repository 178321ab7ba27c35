import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** path below the volume -> what lies there */
export type VolumeTree = Readonly<Record<string, string>>;

const timestamp = /\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+/;

/** Describes all that is in a volume: kind, mode, content and target of links; payload directories all have one name. */
export function readVolumeTree(directory: string): VolumeTree {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
  return Object.fromEntries(paths.map((path) => [withoutTime(path), describeEntry(join(directory, path))]));
}

/** The name of the payload directory that the volume shows at present. */
export function payloadDirectory(directory: string): string {
  return readlinkSync(join(directory, "..data"));
}

function describeEntry(path: string): string {
  const status = lstatSync(path);
  const mode = (status.mode & 0o7777).toString(8);
  if (status.isSymbolicLink()) return `link to ${withoutTime(readlinkSync(path))}`;
  if (status.isDirectory()) return `directory ${mode}`;
  return `file ${mode} ${readFileSync(path).toString("hex")}`;
}

function withoutTime(path: string): string {
  return path.replace(timestamp, "..TIME");
}
