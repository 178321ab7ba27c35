import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { adapterFolders } from "./adapter-list.ts";
import { repository } from "./workspace.ts";

/** The picture of the README, from the root of the repository. */
export const flowPictureFile = "docs/pictures/flow.svg";

const width = 860;
const height = 330;
const boxHeight = 250;
const top = 50;

interface Column {
  readonly x: number;
  readonly width: number;
  readonly title: string;
  /** One row each; of two texts the second is its explanation. */
  readonly rows: readonly (readonly [text: string, note?: string])[];
  readonly color: string;
}

/** Returns the picture of what passes between a service, the client and the stores. */
export function drawFlow(): string {
  const [service, client, providers] = columns(adapterFolders().length);
  const parts = [
    drawColumn(service),
    drawColumn(client),
    drawColumn(providers),
    drawArrow(service.x + service.width, client.x, 110, "a name"),
    drawArrow(client.x, service.x + service.width, 190, "a Secret"),
    drawArrow(client.x + client.width, providers.x, 110, "a path"),
    drawArrow(providers.x, client.x + client.width, 190, "value, version"),
    drawArrow(providers.x, client.x + client.width, 250, "changed", "4 3"),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" role="img" aria-labelledby="title">
<title id="title">A service asks the client for a name. The client, which reads one document, asks the provider of that name for a path, and hands a Secret to the service. The provider tells the client of changes.</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#334"/></marker></defs>
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

function columns(kinds: number): readonly [Column, Column, Column] {
  return [
    {
      x: 20,
      width: 190,
      title: "your service",
      color: "#e7f5ff",
      rows: [
        ["latest()", "now"],
        ["watch()", "each change"],
        ["derive()", "a pool for each value"],
        ["use()", "tries once more"],
      ],
    },
    {
      x: 305,
      width: 230,
      title: "Tacit client",
      color: "#e6fcf5",
      rows: [
        ["tacit.yaml", "name to provider and path"],
        ["whole versions", "decoded and accepted"],
        ["the last good value", "through outages"],
        ["leases, polls, backoff", "one call for all"],
        ["redactor", "nothing in the output"],
      ],
    },
    {
      x: 650,
      width: 190,
      title: "providers",
      color: "#fff4e6",
      rows: [
        ["files and volumes", "mounted or encrypted"],
        ["Kubernetes API", "a watch for each Secret"],
        ["Vault, OpenBao", "what is leased, too"],
        ["clouds and others", `${kinds} kinds of store in all`],
        ["yours", "about twenty lines"],
      ],
    },
  ];
}

function drawColumn({ x, width: wide, title, rows, color }: Column): string {
  const step = Math.min(44, (boxHeight - 40) / rows.length);
  const texts = rows.map(([text, note], index) => {
    const y = top + 26 + index * step;
    const told =
      note === undefined ? "" : `<text x="${x + 14}" y="${y + 15}" fill="#667" font-size="11">${note}</text>`;
    return `<text x="${x + 14}" y="${y}" fill="#223">${text}</text>${told}`;
  });
  return `<text x="${x + wide / 2}" y="${top - 14}" text-anchor="middle" font-weight="bold" fill="#223">${title}</text>
<rect x="${x}" y="${top}" width="${wide}" height="${boxHeight}" rx="8" fill="${color}" stroke="#99a"/>
${texts.join("\n")}`;
}

function drawArrow(from: number, to: number, y: number, text: string, dashes?: string): string {
  const dashed = dashes === undefined ? "" : ` stroke-dasharray="${dashes}"`;
  const gap = from < to ? 4 : -4;
  return `<line x1="${from + gap}" y1="${y}" x2="${to - gap}" y2="${y}" stroke="#334" stroke-width="1.5"${dashed} marker-end="url(#head)"/>
<text x="${(from + to) / 2}" y="${y - 7}" text-anchor="middle" fill="#445" font-size="11">${text}</text>`;
}

if (import.meta.main) writeFileSync(join(repository, flowPictureFile), drawFlow());
