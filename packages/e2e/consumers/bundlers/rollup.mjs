import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";

const [input, file, format] = process.argv.slice(2);
// It warns of comments in zod, of circles in what axios is made of, and of optional packages that are not there.
const build = await rollup({ input, plugins: [nodeResolve(), commonjs(), json()], onwarn: () => undefined });
await build.write({ file, format, inlineDynamicImports: true });
