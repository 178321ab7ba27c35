/** Names the document that sends every name to the environment, in messages. */
export const defaultSource = "the default configuration (TACIT_CONFIG is not set)";
