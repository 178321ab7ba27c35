/** The part of the Standard Schema interface (https://standardschema.dev, version 1) that Tacit uses; zod, valibot and arktype implement it. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  /** The members that the specification requires of each schema. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    /** Returns the value or its issues; may throw. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The result of the validation by a Standard Schema. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One issue. Its message may quote the value, so Tacit uses only the path. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}
