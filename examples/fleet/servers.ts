/**
 * The servers: `sesame serve` in processes of their own, which have nothing in common but
 * a certificate, a store, and the key that encrypts what is in it.
 *
 * @module
 */
import { createTestCertificate } from "@sesame/tls/testing";

const CLI = new URL("../../cli.ts", import.meta.url).href;

/** A server that was started. */
interface Server {
  readonly process: Deno.ChildProcess;
  /** 0 until it listens. */
  port: number;
  isKilled: boolean;
}

/** The processes, and what clients need to know of them. */
export class Servers implements AsyncDisposable {
  readonly cert: string;
  readonly #folder: string;
  readonly #servers: Server[] = [];

  private constructor(folder: string, cert: string) {
    this.#folder = folder;
    this.cert = cert;
  }

  /** Starts some, and waits until they listen; they end with `cleanup`. */
  static async start(
    count: number,
    store: string,
    cleanup: AsyncDisposableStack,
  ): Promise<Servers> {
    const folder = await Deno.makeTempDir({ prefix: "sesame-fleet-" });
    const { cert, key } = createTestCertificate();
    const servers = cleanup.use(new Servers(folder, cert));
    await Deno.writeTextFile(`${folder}/cert.pem`, cert);
    await Deno.writeTextFile(`${folder}/key.pem`, key, { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/store.keys`, newKey(), { mode: 0o600 });
    await Promise.all(
      Array.from({ length: count }, () => servers.#start(store)),
    );
    return servers;
  }

  /** Where they listen, the killed ones too: who connects doesn't know. */
  get ports(): number[] {
    return this.#servers.map(({ port }) => port);
  }

  /** Whether the server on a port was killed. */
  isKilled(port: number): boolean {
    return this.#servers.some((it) => it.port === port && it.isKilled);
  }

  /** Ends one as a crash would. */
  kill(index: number): void {
    const server = this.#servers[index];
    if (!server) throw new RangeError(`There is no server ${index}`);
    server.isKilled = true;
    server.process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#servers) {
      try {
        process.kill("SIGTERM");
      } catch {
        // It has ended.
      }
    }
    await Promise.all(this.#servers.map(({ process }) => process.status));
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #start(store: string): Promise<void> {
    const folder = this.#folder;
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", CLI, "serve", "--quiet", "--port", "0"],
        ...["--cert", `${folder}/cert.pem`, "--key", `${folder}/key.pem`],
        ...["--encrypt-key-file", `${folder}/store.keys`],
      ],
      // It has a password in it, and who runs `ps` sees arguments.
      env: { SESAME_STORE: store },
      stdout: "piped",
      // While Redis is away, they tell of that: only what one dies of is shown.
      stderr: "piped",
    }).spawn();
    const server = { process, port: 0, isKilled: false };
    this.#servers.push(server);
    const complaints = new Response(process.stderr).text();
    const port = await portFrom(process.stdout);
    if (port === undefined) {
      const reason = (await complaints).trim();
      throw new Error(`A server has ended before it listened: ${reason}`);
    }
    server.port = port;
  }
}

function newKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** The port that a server says it listens on; nothing if it has ended before. */
async function portFrom(
  stdout: ReadableStream<Uint8Array>,
): Promise<number | undefined> {
  let text = "";
  const decoder = new TextDecoder();
  const reader = stdout.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += decoder.decode(value, { stream: true });
    const found = /^Listening on .*:(\d+)\n/m.exec(text);
    if (!found) continue;
    reader.releaseLock();
    stdout.pipeTo(new WritableStream()).catch(() => {});
    return Number(found[1]);
  }
}
