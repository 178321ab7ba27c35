/** The text that is logged in place of anything that could not be checked or printed. */
export const fixedLine = "[REDACTED: could not be checked]";
