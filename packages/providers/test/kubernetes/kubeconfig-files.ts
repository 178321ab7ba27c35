import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { KubernetesFixture } from "./fixture.ts";

/** What differs from a kubeconfig that works. */
export interface KubeconfigDraft {
  readonly user?: object | undefined;
  readonly cluster?: object;
  readonly namespace?: string;
  readonly more?: object;
}

/** Writes kubeconfig files and what they name into a folder of their own. */
export class KubeconfigFiles {
  readonly directory: string = mkdtempSync(join(tmpdir(), "tacit-kubeconfig-"));
  #count = 0;

  /** Writes a kubeconfig with three contexts, `here`, `elsewhere` and `away`; JSON is YAML. Answers its path. */
  config(fixture: KubernetesFixture, draft: KubeconfigDraft = {}, name = `config-${++this.#count}`): string {
    const { user = { token: fixture.tokens.at(-1) }, cluster, namespace, more } = draft;
    const ca = { "certificate-authority-data": Buffer.from(fixture.ca).toString("base64") };
    return this.text(
      name,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "here",
        clusters: [
          { name: "c", cluster: { server: fixture.api.url, ...ca, ...cluster } },
          { name: "other", cluster: { server: "https://127.0.0.1:9" } },
        ],
        users: [{ name: "u", user }],
        contexts: [
          { name: "here", context: { cluster: "c", user: "u", ...(namespace !== undefined && { namespace }) } },
          { name: "elsewhere", context: { cluster: "c", user: "u", namespace: "elsewhere" } },
          { name: "away", context: { cluster: "other", user: "u" } },
        ],
        ...more,
      }),
    );
  }

  text(name: string, content: string): string {
    const file = join(this.directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** Writes a program for an exec plugin, which tells what it was given in a file beside it. Answers its path. */
  program(token: string, name = `plugin-${++this.#count}`): string {
    const script = `#!/bin/sh
printf x >> '${this.directory}/${name}.runs'
printf '%s' "$KUBERNETES_EXEC_INFO" > '${this.directory}/${name}.info'
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}'
`;
    return this.executable(name, script);
  }

  /** Writes a file that can be run. Answers its path. */
  executable(name: string, script: string): string {
    const file = this.text(name, script);
    chmodSync(file, 0o755);
    return file;
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), "utf8");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** `user.exec` for a command. */
export function execUser(command: string, more: object = {}): object {
  return {
    exec: { apiVersion: "client.authentication.k8s.io/v1", command, interactiveMode: "Never", ...more },
  };
}
