/** What stands in a log where something could not be checked or printed: never the thing itself. */
export const fixedLine = "[REDACTED: could not be checked]";
