import { onepasswordConnect } from "../../src/onepassword-connect/index.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";

/** A field of an item, as the API writes it. */
export interface ConnectField {
  readonly label: string;
  readonly value?: string;
  readonly section?: { readonly id: string; readonly label?: string };
}

/** An item of the double. */
export interface ConnectItem {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly fields: readonly ConnectField[];
}

/** A Connect server with the vaults of one token, and items whose versions count up. */
export class ConnectDouble extends StoreDouble {
  /** id -> name */
  readonly vaults: Map<string, string> = new Map([["v".repeat(26), "Orders"]]);
  readonly items: ConnectItem[] = [];
  token = "s3cret-fixture-token";
  #made = 0;

  override expireLogins(): void {
    this.token = `s3cret-fixture-token-${this.requests.length}`;
  }

  /** Writes the newest version of an item, or its first one. */
  put(title: string, fields: readonly ConnectField[]): ConnectItem {
    const index = this.items.findIndex((each) => each.title === title);
    const { id, version } = this.items[index] ?? { id: `i${String(++this.#made).padStart(25, "0")}`, version: 0 };
    const item = { id, title, version: version + 1, fields };
    this.items.splice(index < 0 ? this.items.length : index, 1, item);
    return item;
  }

  remove(title: string): void {
    this.items.splice(0, this.items.length, ...this.items.filter((each) => each.title !== title));
  }

  protected override answer({ path: asked, query, headers }: StoreRequest): DoubleAnswer {
    // The official SDK ends its lists with a slash.
    const path = asked.replace(/\/$/, "");
    if (headers.authorization !== `Bearer ${this.token}`) return failure(401, "Invalid bearer token");
    const wanted = /^(?:name|title) eq "([^"]*)"$/.exec(query.filter ?? "")?.[1];
    if (path === "/v1/vaults") {
      const vaults = [...this.vaults].map(([id, name]) => ({ id, name }));
      return { body: vaults.filter(({ name }) => wanted === undefined || name === wanted) };
    }
    const [, vault = "", item] = /^\/v1\/vaults\/([^/]+)\/items(?:\/([^/]+))?$/.exec(path) ?? [];
    if (!this.vaults.has(vault)) return failure(403, "vault is not in scope");
    if (item === undefined) {
      const summaries = this.items.filter(({ title }) => wanted === undefined || title === wanted);
      return { body: summaries.map((each) => ({ ...written(each), fields: undefined })) };
    }
    const found = this.items.find(({ id }) => id === item);
    return found === undefined ? failure(404, "Item not found") : { body: written(found) };
  }
}

/** What Connect answers in its own words. */
export function failure(status: number, message: string): DoubleAnswer {
  return { status, body: { status, message } };
}

function written({ fields, ...item }: ConnectItem): object {
  const sections = fields.flatMap(({ section }) => (section === undefined ? [] : [section]));
  return {
    ...item,
    vault: { id: "v".repeat(26) },
    category: "LOGIN",
    updatedAt: "2026-01-02T03:04:05Z",
    sections,
    fields: fields.map((field, index) => ({
      id: `f${index}`,
      type: "CONCEALED",
      ...field,
      ...(field.section !== undefined && { section: { id: field.section.id } }),
    })),
  };
}

/** Starts the double. */
export function openFixture(members?: Parameters<typeof openStoreFixture>[1]): Promise<StoreFixture<ConnectDouble>> {
  return openStoreFixture<ConnectDouble>(
    {
      adapter: onepasswordConnect,
      double: () => new ConnectDouble(),
      options: ({ double, file }) => ({
        url: double.url,
        vault: "Orders",
        auth: { method: "token", token: { $file: file("token", double.token) } },
      }),
    },
    members,
  );
}
