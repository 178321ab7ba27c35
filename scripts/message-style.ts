import { type Expression, Visitor } from "oxc-parser";
import type { SourceFile } from "./source-tree.ts";

/** What a reader sees of an error or a finding. */
export interface Told {
  readonly message: string;
  readonly tip?: string | undefined;
}

/** Names that a message may begin with; any other word there is in small letters. */
const names =
  /^(AWS|Azure|Conjur|Decrypt|Doppler|Entra|Google|Infisical|Kamus|Key Vault|Kubernetes|Secret Manager|Tacit|Vault) /;
const commands = /^(az|gcloud|npm|npx) /;

/**
 * Returns how a message or tip departs from the one style. A message is a phrase, so that others can go before and after it: it
 * begins in small letters and ends without a full stop. A tip is a sentence or a command to copy.
 */
export function messageFaults({ message, tip }: Told): readonly string[] {
  const faults: string[] = [];
  // The lines behind the first one are messages and tips of their own.
  const [head = ""] = message.split("\n");
  if (/^(An?|[A-Z][a-z]+) /.test(head) && !names.test(head)) faults.push(`begins with a capital: ${head}`);
  // What an application threw is cut with three dots.
  if (/(^|[^.])[.!]$/.test(head)) faults.push(`ends with a full stop: ${head}`);
  if (tip === undefined || commands.test(tip)) return faults;
  if (/^[a-z]/.test(tip)) faults.push(`tip begins with a small letter: ${tip}`);
  if (!/([.?)}]|https?:\/\/\S+)$/.test(tip)) faults.push(`tip ends without a full stop: ${tip}`);
  return faults;
}

/** Returns the messages and tips that stand in the object literals of a file; what is computed in one counts as a name. */
export function toldIn(file: SourceFile): readonly Told[] {
  const told: Told[] = [];
  new Visitor({
    ObjectExpression({ properties }) {
      const texts = new Map<string, readonly string[]>();
      for (const property of properties)
        if (property.type === "Property" && property.key.type === "Identifier")
          texts.set(property.key.name, textsOf(property.value));
      for (const message of texts.get("message") ?? []) told.push({ message });
      for (const tip of texts.get("tip") ?? []) told.push({ message: "", tip });
    },
  }).visit(file.program);
  return told;
}

/** What an expression may be: itself, or either side of a choice. */
function textsOf(expression: Expression): readonly string[] {
  if (expression.type === "Literal") return typeof expression.value === "string" ? [expression.value] : [];
  if (expression.type === "TemplateLiteral")
    return [expression.quasis.map(({ value }) => value.cooked ?? "").join("(computed)")];
  if (expression.type === "ConditionalExpression")
    return [...textsOf(expression.consequent), ...textsOf(expression.alternate)];
  if (expression.type === "LogicalExpression") return [...textsOf(expression.left), ...textsOf(expression.right)];
  return [];
}
