import { Console } from "node:console";
import { stringify } from "node:querystring";
import { Writable } from "node:stream";
import { inspect } from "node:util";

type Channel = (secret: string) => string;

/** The ways in which a text that a program holds comes out of it, each as the program would do it. */
export const outputChannels: Readonly<Record<string, Channel>> = {
  template: (secret) => `connecting with ${secret} now`,
  "stack trace": (secret) => new Error(`401 for ${secret}`).stack ?? "",
  "error with a cause, inspected": (secret) => inspect(new Error("failed", { cause: new Error(`sent ${secret}`) })),
  "console.table": (secret) => printed((console) => console.table([{ user: "app", password: secret }])),
  "Map, inspected": (secret) => inspect(new Map([["password", secret]])),
  Symbol: (secret) => inspect(Symbol(`for ${secret}`)),
  "object, inspected": (secret) => inspect({ headers: { authorization: secret } }),
  "all three quotes, inspected": (secret) => inspect([`'"\`${secret}`]),
  JSON: (secret) => JSON.stringify({ level: 30, msg: `token ${secret}` }),
  "JSON in JSON": (secret) => JSON.stringify({ msg: JSON.stringify({ token: secret }) }),
  "JSON in JSON in JSON": (secret) => JSON.stringify({ msg: JSON.stringify({ body: JSON.stringify({ secret }) }) }),
  "JSON with escaped slashes": (secret) => JSON.stringify({ secret }).replaceAll("/", "\\/"),
  "JSON for HTML": (secret) => JSON.stringify({ secret }).replace(/[<>&']/g, unicodeEscape),
  "JSON in ASCII": (secret) => JSON.stringify({ secret }).replace(/[^ -~]|[ %&<>+/'-]/g, unicodeEscape),
  encodeURIComponent: (secret) => `/v1/login?next=${encodeURIComponent(secret)}`,
  "percent, lower case": (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  "percent, RFC 3986": (secret) => strict(secret),
  form: (secret) => new URLSearchParams({ user: "app", password: secret }).toString(),
  querystring: (secret) => stringify({ password: secret, again: "1" }),
  "URL user info": (secret) => Object.assign(new URL("https://app@host.example/db"), { password: secret }).href,
  "URL query": (secret) => `GET ${new URL(`https://host.example/p?token=${secret.replace(/\n/g, "%0A")}`).href} 403`,
  "percent twice": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  HTML: (secret) => `<pre>Error: ${html(secret)}</pre>`,
  "base64, first alignment": (secret) => base64(`abc${secret}zz`),
  "base64, second alignment": (secret) => base64(`a${secret}`),
  "base64, third alignment": (secret) => base64(`ab${secret}zzz`),
  Basic: (secret) => `Authorization: Basic ${base64(`app:${secret}`)}`,
  base64url: (secret) => `eyJ.${Buffer.from(`{"k":"${secret}","exp":1}`).toString("base64url")}.sig`,
  "base64 in MIME lines": (secret) => base64(`Some words before: ${secret}`.repeat(2)).replace(/.{76}/g, "$&\r\n"),
  "base64 of base64": (secret) => base64(base64(secret)),
  "base64 of UTF-16": (secret) => Buffer.from(secret, "utf16le").toString("base64"),
  hex: (secret) => `0x${Buffer.from(secret).toString("hex")}`,
  "hex, upper case": (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
  "Buffer, inspected": (secret) => inspect({ body: Buffer.from(secret) }),
  "Buffer in JSON": (secret) => JSON.stringify({ body: Buffer.from(secret) }),
  "Uint8Array, inspected": (secret) => inspect(new Uint8Array(Buffer.from(secret)), { maxArrayLength: null }),
  "Uint8Array in JSON": (secret) => JSON.stringify(new Uint8Array(Buffer.from(secret))),
  "array of numbers": (secret) => JSON.stringify([...Buffer.from(secret)]),
  "array of numbers, one a line": (secret) => JSON.stringify({ body: [...Buffer.from(secret)] }, null, 2),
  "YAML block": (secret) => `data:\n  value: |\n${secret.replace(/^/gm, "    ")}`,
  shell: (secret) => `export TOKEN='${secret.replaceAll("'", "'\\''")}'`,
  CRLF: (secret) => `value:\r\n${secret.replaceAll("\n", "\r\n")}\r\n`,
  "cut at the end": (secret) => `${secret.slice(0, Math.ceil(secret.length * 0.6))}...`,
  "cut at the beginning": (secret) => `...${secret.slice(-Math.ceil(secret.length * 0.6))}`,
  "upper case": (secret) => `X-TOKEN: ${secret.toUpperCase()}`,
};

function printed(print: (console: Console) => void): string {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  print(new Console({ stdout, colorMode: false }));
  return text;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function strict(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function html(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
