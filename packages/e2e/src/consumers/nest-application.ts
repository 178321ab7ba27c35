import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { consumerEnvironment } from "../../../../scripts/consumer.ts";

/** A compiled application that runs in a process of its own, and the folder that its secrets are read from. */
export interface NestApplication extends AsyncDisposable {
  readonly url: string;
  /** Everything it has printed so far, on both outputs. */
  readonly output: { readonly out: string; readonly error: string };
  rotate(username: string): void;
  /** Sends SIGTERM and gives how the process ended: its exit code, or the signal. */
  end(): Promise<number | string | null>;
}

/** Starts one, once it has secrets to start with. @throws with what it printed, if it ends instead */
export async function startNest(binary: string, main: string, root: string): Promise<NestApplication> {
  const rotate = (username: string): void => {
    writeFileSync(join(root, "db.json"), JSON.stringify({ username, password: "s3cret-fixture" }));
  };
  rotate("app");
  const config = {
    providers: { mount: { use: "file", root } },
    bindings: { db: { provider: "mount", path: "db.json" } },
  };
  const env = { ...consumerEnvironment(), TACIT_CONFIG: JSON.stringify(config) };
  const child = spawn(binary, [main], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", error: "" };
  child.stdout.on("data", (chunk) => {
    output.out += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    output.error += String(chunk);
  });
  const end = async (): Promise<number | string | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    return child.exitCode ?? child.signalCode;
  };
  const url = await listening(child, output);
  return { url, output, rotate, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

async function listening(child: ChildProcess, output: NestApplication["output"]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const look = (): void => {
    const [, url] = /^listening at (\S+)$/m.exec(output.out) ?? [];
    if (url !== undefined) resolve(url);
  };
  child.stdout?.on("data", look);
  child.once("exit", () => reject(new Error(`it ended:\n${output.out}\n${output.error}`)));
  return await promise;
}
