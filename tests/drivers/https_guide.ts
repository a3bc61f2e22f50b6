/**
 * The programs of docs/https.md, which run as they stand: each is a server, which is asked
 * twice over HTTP. The second connection must be resumed.
 *
 * @module
 */
import { join } from "node:path";
import { connectTls } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { freePort } from "../support/free_port.ts";
import { linkPackage, programsOf } from "./programs.ts";
import type { Site } from "./site.ts";

/** The port of the page. */
const PORT = "8443";
const ANSWERS: Readonly<Record<string, readonly [string, string]>> = {
  "serveTls": ["/, resumed: false", "/, resumed: true"],
  "client certificates": ["hello, client", "hello, client"],
};
const ANSWER = ["sesame", "sesame"];
const DEADLINE_MS = 20_000;
const PAUSE_MS = 50;

/** What became of a program. */
export interface HttpsTrial {
  readonly name: string;
  /** What went wrong, if anything did. */
  readonly error?: string;
}

/** Runs the page's programs in Node.js, one after the other. */
export async function tryHttpsGuide(
  node: string,
  site: Site,
): Promise<HttpsTrial[]> {
  const folder = await Deno.makeTempDir({ dir: site.packages });
  try {
    await linkPackage(folder);
    const { server: { cert, key }, ca } = site;
    const files = { "server.pem": cert, "server-key.pem": key, "ca.pem": ca };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
    }
    const { beginning, programs } = await programsOf("docs/https.md");
    const trials: HttpsTrial[] = [];
    for (const [name, text] of programs) {
      const file = join(folder, "program.mts");
      const port = freePort();
      await Deno.writeTextFile(
        file,
        beginning + text.replace(PORT, String(port)),
      );
      const error = await failureOf(name, { node, file, folder, port, site });
      trials.push({ name, ...(error !== undefined && { error }) });
    }
    return trials;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function failureOf(
  name: string,
  { node, file, folder, port, site }: {
    node: string;
    file: string;
    folder: string;
    port: number;
    site: Site;
  },
): Promise<string | undefined> {
  const child = new Deno.Command(node, {
    args: ["--no-warnings", file],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const output = new Response(child.stderr).text();
  try {
    const sessions = new MemorySessionStore();
    for (const [i, answer] of (ANSWERS[name] ?? ANSWER).entries()) {
      const { body, resumed } = await ask(port, site, sessions);
      if (body !== answer || resumed !== (i === 1)) {
        return `answers ${body}, resumed: ${resumed}`;
      }
    }
    return undefined;
  } catch (error) {
    child.kill();
    return `${error}\n${await output}`;
  } finally {
    await stop(child);
    await output;
  }
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill();
  } catch {
    // It has ended.
  }
  await child.status;
}

/** A request over a connection of its own: what it is answered. */
async function ask(
  port: number,
  { ca, cert, key }: Site,
  sessions: MemorySessionStore,
): Promise<{ body: string; resumed: boolean }> {
  const deadline = Date.now() + DEADLINE_MS;
  const options = { hostname: "127.0.0.1", servername: "localhost", port };
  while (true) {
    try {
      await using socket = await connectTls({
        ...options,
        caCerts: [ca],
        cert,
        key,
        sessions,
      });
      const request = "GET / HTTP/1.1\r\nHost: localhost\r\n" +
        "Connection: close\r\n\r\n";
      await new Blob([request]).stream().pipeTo(socket.writable, {
        preventClose: true,
      });
      const text = await new Response(socket.readable).text();
      const [head = "", ...rest] = text.split("\r\n\r\n");
      const body = rest.join("");
      return {
        body: /^transfer-encoding: chunked/im.test(head)
          ? body.split("\r\n").filter((_, i) => i % 2 === 1).join("")
          : body,
        resumed: socket.info?.resumed ?? false,
      };
    } catch (error) {
      // Until it listens.
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
