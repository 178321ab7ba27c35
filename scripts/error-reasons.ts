import { type Expression, Visitor } from "oxc-parser";
import type { SourceFile } from "./source-tree.ts";

/** The members of the `SecretErrorCode` union. */
export function errorCodes(file: SourceFile): readonly string[] {
  const codes: string[] = [];
  new Visitor({
    TSTypeAliasDeclaration({ id, typeAnnotation }) {
      if (id.name !== "SecretErrorCode" || typeAnnotation.type !== "TSUnionType") return;
      for (const { type, ...member } of typeAnnotation.types) {
        if (type === "TSLiteralType" && "literal" in member && member.literal.type === "Literal") {
          codes.push(String(member.literal.value));
        }
      }
    },
  }).visit(file.program);
  return codes;
}

/**
 * Every literal that a file gives as the `reason` of an error. The reason of a change (`initial`, `rotated`) stands beside
 * `current` and is another thing.
 */
export function errorReasons(file: SourceFile): readonly string[] {
  const reasons: string[] = [];
  new Visitor({
    ObjectExpression({ properties }) {
      const named = properties.flatMap((property) =>
        property.type === "Property" && property.key.type === "Identifier"
          ? [{ key: property.key.name, value: property.value }]
          : [],
      );
      if (named.some(({ key }) => key === "current")) return;
      for (const { key, value } of named) if (key === "reason") reasons.push(...literals(value));
    },
  }).visit(file.program);
  return reasons;
}

/** Every string in a file that looks like a reason, however it reaches an error. */
export function kebabLiterals(file: SourceFile): readonly string[] {
  const found: string[] = [];
  new Visitor({
    Literal({ value }) {
      if (typeof value === "string" && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value)) found.push(value);
    },
  }).visit(file.program);
  return found;
}

/** The strings that an expression may be: itself, or either side of a choice. */
function literals(expression: Expression): readonly string[] {
  if (expression.type === "Literal") return typeof expression.value === "string" ? [expression.value] : [];
  if (expression.type === "ConditionalExpression")
    return [...literals(expression.consequent), ...literals(expression.alternate)];
  if (expression.type === "LogicalExpression") return [...literals(expression.left), ...literals(expression.right)];
  return [];
}
