/** The description of the default document, which reads all names from environment variables, in messages. */
export const defaultSource = "the default configuration (TACIT_CONFIG is not set)";
