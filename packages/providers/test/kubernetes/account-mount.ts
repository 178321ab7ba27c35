import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A service account's files, published as the kubelet does: a new directory, then the link `..data` turned by a rename. */
export class AccountMount {
  readonly directory: string = mkdtempSync(join(tmpdir(), "tacit-account-"));
  #publications = 0;
  #published: string | undefined;

  publish(files: Readonly<Record<string, string>>): void {
    const name = `..2026_01_01_00_00_00.${++this.#publications}`;
    const tree = join(this.directory, name);
    mkdirSync(tree);
    for (const [file, content] of Object.entries(files)) writeFileSync(join(tree, file), content);
    symlinkSync(name, join(this.directory, "..data_tmp"));
    renameSync(join(this.directory, "..data_tmp"), join(this.directory, "..data"));
    for (const file of Object.keys(files)) {
      const link = join(this.directory, file);
      if (!existsSync(link)) symlinkSync(join("..data", file), link);
    }
    if (this.#published !== undefined) rmSync(join(this.directory, this.#published), { recursive: true });
    this.#published = name;
  }

  /** Changes one file in place, as no kubelet does. */
  overwrite(file: string, content: string): void {
    const tree = join(this.directory, existsSync(join(this.directory, "..data")) ? "..data" : ".");
    // Without `..data` the link of that name leads nowhere.
    rmSync(join(tree, file), { force: true });
    writeFileSync(join(tree, file), content);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
