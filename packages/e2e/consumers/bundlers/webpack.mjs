import { basename, dirname } from "node:path";
import webpack from "webpack";

const [entry, file, format] = process.argv.slice(2);
const isModule = format === "esm";
const settings = {
  mode: "production",
  target: "node22",
  entry,
  output: {
    path: dirname(file),
    filename: basename(file),
    module: isModule,
    library: { type: isModule ? "module" : "commonjs2" },
  },
  experiments: { outputModule: isModule },
  // One file for a function, as the others write it.
  optimization: { minimize: false },
  plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
};
webpack(settings, (error, stats) => {
  if (error !== null) throw error;
  process.stderr.write(stats.toString({ all: false, errors: true }));
});
