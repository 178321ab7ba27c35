/** Who reads, and what it logs in with. */
export interface Application {
  readonly name: string;
  /** Its KV mount. */
  readonly mount: string;
  /** Its AppRole mount, below `auth/`. */
  readonly login: string;
  /** Its PKI mount, if one is made. */
  readonly authority: string;
  readonly roleId: string;
  readonly secretId: string;
}
