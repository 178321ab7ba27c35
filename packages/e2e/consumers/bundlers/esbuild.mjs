import { build } from "esbuild";

const [entry, outfile, format, banner] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile,
  format,
  bundle: true,
  platform: "node",
  target: "node22",
  logLevel: "warning",
  ...(banner && { banner: { js: banner } }),
});
