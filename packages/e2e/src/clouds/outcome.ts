import { isSecretError } from "@tacit/core";

/** What became of a call: its value, or the code and the reason of its error. */
export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (isSecretError(error)) return `${error.code} ${error.reason ?? ""}`.trim();
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    return `foreign ${String(code ?? name)}`;
  }
}
