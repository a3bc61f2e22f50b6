import { deepEqual, equal, notEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../runtimes/command.ts";
import type { Example } from "./visit.ts";

const BRIDGE = fileURLToPath(
  new URL("../../../examples/workers/server/bridge.ts", import.meta.url),
);
const REQUEST = "GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n";

interface Meeting {
  /** What `openssl s_client` says of the session: `New` or `Reused`. */
  readonly session: string | undefined;
  readonly isolate: string;
  readonly resumption: unknown;
}

/** `openssl s_client` resumes in another process by what a Durable Object has. */
export const server: Example = {
  name: "server",
  servers: [],
  maxGzip: 1000,
  isPlain: true,
  async visit({ servers, start, measure }): Promise<void> {
    const { cert, key } = servers.pki.server;
    const bindings = { CERT: cert, KEY: key };
    const ca = join(servers.folder, "ca.pem");
    await Deno.writeTextFile(ca, servers.pki.ca.cert);
    const session = join(servers.folder, "session.pem");
    const meetings: Meeting[] = [];
    const meet = async (port: number): Promise<void> => {
      meetings.push(await meetAt(port, ca, session, meetings.length > 0));
    };
    for (let isolate = 0; isolate < 2; isolate++) {
      await using worker = await start(bindings);
      await using bridge = await Bridge.start(worker.url);
      if (isolate > 0) await meet(bridge.port);
      else await measure(worker, () => meet(bridge.port));
      const plain = await worker.fetch();
      equal(await plain.text(), "This is for WebSockets\n");
    }
    const [first, ...rest] = meetings;
    equal(first?.session, "New");
    for (const { session, resumption } of rest) {
      equal(session, "Reused");
      deepEqual(resumption, { resumed: true, from: "store" });
    }
    notEqual(rest.at(-1)?.isolate, first?.isolate);
  },
};

async function meetAt(
  port: number,
  ca: string,
  session: string,
  resumes: boolean,
): Promise<Meeting> {
  const { text } = await run("sh", [
    "-c",
    `printf '${REQUEST}' | openssl s_client -connect localhost:${port} -servername localhost ` +
    `-CAfile ${ca} -verify_return_error -ign_eof -sess_out ${session}` +
    (resumes ? ` -sess_in ${session}` : ""),
  ]);
  const [answer = ""] = /\{"isolate".*\}/.exec(text) ?? [];
  return { session: /^(New|Reused), /m.exec(text)?.[1], ...JSON.parse(answer) };
}

/** The program that has a TCP port for a Worker. */
class Bridge implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(url: string): Promise<Bridge> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--allow-net",
        BRIDGE,
        "0",
        url.replace(/^http/, "ws"),
      ],
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const line of lines.values({ preventCancel: true })) {
      return new Bridge(child, Number(/\d+/.exec(line)?.[0]));
    }
    throw new Error("The bridge doesn't start");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.status;
  }
}
