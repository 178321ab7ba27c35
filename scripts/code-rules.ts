import { type ImportDeclaration, type Node, Visitor, type VisitorObject } from "oxc-parser";
import type { SourceFile } from "./source-tree.ts";

/** Something that published code never does. */
export interface CodeRule {
  readonly title: string;
  /** One line per place, with file, line and code; empty when the rule holds. */
  violations(file: SourceFile): readonly string[];
}

/** The one file that reads the machine's clock and arms its timers. */
const clockFile = "packages/core/src/time/clock.ts";
const timeReadings = /^(Date\.now|performance\.now|process\.hrtime(\.bigint)?|AbortSignal\.timeout)$/;
const timers = /^(globalThis\.)?(setTimeout|setInterval)$/;

export const codeRules: readonly CodeRule[] = [
  {
    title: "no `using` declaration: the oldest supported Node cannot parse it",
    violations: (file) =>
      collect(file, (report) => ({ VariableDeclaration: (node) => node.kind.endsWith("using") && report(node) })),
  },
  {
    title: "no top-level await: require() of such a module fails",
    violations: topLevelAwaits,
  },
  {
    title: "no write to process.env",
    violations: (file) =>
      collect(file, (report) => ({
        AssignmentExpression: (node) => isEnvironment(code(file, node.left)) && report(node),
        UpdateExpression: (node) => isEnvironment(code(file, node.argument)) && report(node),
        UnaryExpression: (node) =>
          node.operator === "delete" && isEnvironment(code(file, node.argument)) && report(node),
        CallExpression(node) {
          const [first] = node.arguments;
          const isTarget = first !== undefined && isEnvironment(code(file, first));
          const called = code(file, node.callee);
          if (called === "process.loadEnvFile" || (isTarget && /^(Object|Reflect)\./.test(called))) report(node);
        },
      })),
  },
  {
    title: 'no zod but by `import * as z from "zod/mini"`: of anything else a bundle holds the whole',
    violations: (file) =>
      collect(file, (report) => ({
        ImportDeclaration: (node) => /^zod(\/|$)/.test(node.source.value) && !isZodMini(node) && report(node),
        ImportExpression: (node) => /^["'`]zod(\/|["'`])/.test(code(file, node.source)) && report(node),
      })),
  },
  {
    title: "no patched console",
    violations: (file) =>
      collect(file, (report) => ({
        AssignmentExpression: (node) => /^console\b/.test(code(file, node.left)) && report(node),
      })),
  },
  {
    title: "no clock and no timer but the injected one",
    violations: (file) =>
      file.path === clockFile
        ? []
        : collect(file, (report) => ({
            MemberExpression: (node) => timeReadings.test(code(file, node)) && report(node),
            CallExpression: (node) => timers.test(code(file, node.callee)) && report(node),
            NewExpression: (node) => code(file, node.callee) === "Date" && node.arguments.length === 0 && report(node),
            ImportDeclaration: (node) => /^node:timers/.test(node.source.value) && report(node),
          })),
  },
  {
    title: "nothing on globalThis but the redactor's shared state",
    violations(file) {
      const keys = [...file.text.matchAll(/Symbol\.for\(([^)]*)\)/g)].map(([, key]) => key);
      const isRegistry = keys.length > 0 && keys.every((key) => key === '"tacit.redactor"');
      if (isRegistry) return [];
      return collect(file, (report) => ({
        Identifier: (node) => node.name === "globalThis" && report(node),
      }));
    },
  },
];

type Report = (node: Node) => void;

/** Lets a visitor report nodes and turns them into lines of text. */
function collect(file: SourceFile, toVisitor: (report: Report) => VisitorObject): readonly string[] {
  const found: string[] = [];
  const report: Report = (node) => void found.push(place(file, node));
  new Visitor(toVisitor(report)).visit(file.program);
  return found;
}

function topLevelAwaits(file: SourceFile): readonly string[] {
  let depth = 0;
  const enter = (): void => {
    depth += 1;
  };
  const leave = (): void => {
    depth -= 1;
  };
  return collect(file, (report) => ({
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
    AwaitExpression: (node) => depth === 0 && report(node),
    ForOfStatement: (node) => node.await && depth === 0 && report(node),
  }));
}

function isZodMini({ source, specifiers }: ImportDeclaration): boolean {
  return source.value === "zod/mini" && specifiers.every(({ type }) => type === "ImportNamespaceSpecifier");
}

function isEnvironment(text: string): boolean {
  return /^process\.env\b/.test(text);
}

function code(file: SourceFile, node: Node): string {
  return file.text.slice(node.start, node.end);
}

function place(file: SourceFile, node: Node): string {
  const line = file.text.slice(0, node.start).split("\n").length;
  return `${file.path}:${line} ${code(file, node).split("\n")[0]}`;
}
