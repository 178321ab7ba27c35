import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { countStep, failuresOf, type StepResult, sumSteps, type TestReport } from "./step-result.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node scripts/sum-results.ts FOLDER");

const steps = readFileSync(join(folder, "steps"), "utf8").trim().split("\n").map(readStep);
for (const step of steps) {
  for (const failure of failuresOf(step)) process.stdout.write(`== ${step.name} failed: ${failure}\n\n`);
}
for (const step of steps) {
  const { passed, failed } = countStep(step);
  process.stdout.write(`${step.name.padEnd(10)} exit ${step.exitStatus}  passed ${passed}  failed ${failed}\n`);
}
const { passed, failed } = sumSteps(steps);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function readStep(line: string): StepResult {
  const [name = "", exitStatus] = line.split(" ");
  const report = join(String(folder), `${name}.json`);
  return {
    name,
    exitStatus: Number(exitStatus),
    output: readFileSync(join(String(folder), `${name}.log`), "utf8"),
    report: existsSync(report) ? (JSON.parse(readFileSync(report, "utf8")) as TestReport) : undefined,
  };
}
