import type { Finding } from "../contract/contract.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { View } from "../view/view.ts";
import type { SecretHealth } from "./health.ts";

/** Returns findings for an operator from the providers and the client's own state. It does I/O; findings contain no value. */
export async function diagnose(
  providers: readonly ConfiguredProvider[],
  secrets: readonly SecretHealth[],
  views: Iterable<View<unknown>>,
  noisy: readonly string[],
): Promise<readonly Finding[]> {
  const found = await Promise.all(providers.map((provider) => provider.diagnose()));
  const all = [...views];
  return [
    ...providerFindings(found),
    ...secrets.flatMap(secretFindings),
    ...all.flatMap(maskFindings),
    ...tornFindings(all),
    ...noisy.map(noiseFinding),
  ];
}

function providerFindings(found: readonly (readonly Finding[])[]): readonly Finding[] {
  const own = found.flat().filter(({ unanimous }) => unanimous !== true);
  const [first = [], ...others] = found.map((each) => each.filter(({ unanimous }) => unanimous === true));
  const shared = first.filter(({ code }) => others.every((other) => other.some((finding) => finding.code === code)));
  return [...own, ...shared.map(({ unanimous: _, provider: __, ...finding }) => finding)];
}

function secretFindings({
  reference,
  state,
  code,
  reason,
  fallback,
  provider,
  overdue,
  message: problem,
}: SecretHealth): readonly Finding[] {
  const findings: Finding[] = [];
  const words = [code, reason].filter((word) => word !== undefined).join("/");
  const why = problem === undefined ? words : `${words}: ${problem}`;
  if (state === "down")
    findings.push({
      level: "error",
      code: "down",
      reference,
      message: `"${reference}" has no value to serve (${why})`,
    });
  if (state === "stale" || state === "denied" || state === "deleted") {
    const message = `"${reference}" is served from its last good value (${why})`;
    findings.push({ level: "warning", code: state, reference, message });
  }
  if (fallback === true) {
    const message = `"${reference}" is served by the fallback "${provider ?? ""}"`;
    findings.push({ level: "warning", code: "fallback", reference, message });
  }
  if (overdue === true) {
    const tip = "Rotate it, or change `rotateEvery` in its declaration.";
    findings.push({
      level: "warning",
      code: "overdue",
      reference,
      message: `"${reference}" is older than its rotation policy allows`,
      tip,
    });
  }
  return findings;
}

function maskFindings(view: View<unknown>): readonly Finding[] {
  if (!view.isUnmasked) return [];
  const reference = view.reference.text;
  const tip = 'Declare `mask: "always"` if it must be masked all the same, or `mask: "never"` if it is not secret.';
  return [
    {
      level: "warning",
      code: "unmasked",
      reference,
      message: `"${reference}" has a value that is too short or too common to mask in output`,
      tip,
    },
  ];
}

/** Returns the finding for a noisy mask. @param reference the name under which the value is registered */
function noiseFinding(reference: string): Finding {
  return {
    level: "warning",
    code: "noisy-mask",
    reference,
    message: `a value of "${reference}" was masked in more than half of 1,000 texts`,
    tip: 'If it is a name and not a secret, declare `mask: "never"` for it or for that member.',
  };
}

/** Warns about fields of one secret that do not change together, because one of them has an `accept` or `derive` step. */
function tornFindings(views: readonly View<unknown>[]): readonly Finding[] {
  const byName = Map.groupBy(
    views.filter(({ reference }) => reference.selector !== undefined && reference.stage === "current"),
    ({ reference }) => reference.name,
  );
  return [...byName].flatMap(([name, parts]) => {
    const isAsked = parts.some(({ steps, policy }) => steps.size > 0 || policy.accept !== undefined);
    if (parts.length < 2 || !isAsked) return [];
    const fields = parts.map(({ reference }) => reference.text).join(", ");
    return [
      {
        level: "warning",
        code: "separate-fields",
        reference: name,
        message: `${fields} belong to one secret, but \`accept\` or \`derive\` is applied to only one of them`,
        tip: `Declare "${name}" once, with \`as: object([...])\`: its fields then always change together.`,
      } as const,
    ];
  });
}
