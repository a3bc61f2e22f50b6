import { equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import {
  HttpsAgent,
  serveTls,
  undiciConnector,
} from "../../../src/node/http/mod.ts";
import { connect } from "../../../src/node/mod.ts";
import type { Driver, Files, Visitor } from "../site.ts";
import { answerTo, optionsOf, textAt } from "./framework.ts";

/** Asks a server on a connection of its own. */
type Ask = (url: string) => Promise<string>;

interface Undici {
  readonly Agent: new (options: unknown) => { close(): Promise<void> };
  fetch(url: string, options: unknown): Promise<Response>;
}

interface Load {
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
}

type Autocannon = (options: unknown) => Promise<Load>;

const execute = promisify(execFile);

/** Clients of `serveTls`. */
export const CLIENTS: readonly Driver[] = [
  client("HttpsAgent", "http/1.1", ({ tls, sessions }) => async (url) => {
    const agent = new HttpsAgent({ ...tls, ...sessions });
    const answer = await textAt(url, agent);
    agent.destroy();
    return answer;
  }),
  client("undici fetch", "http/1.1", withUndici),
  client("undici fetch", "h2", withUndici),
  client("node:http2", "h2", ({ tls, sessions }) => async (url) => {
    const socket = connect({
      ...tls,
      ...sessions,
      port: Number(new URL(url).port),
      ALPNProtocols: ["h2"],
    });
    await once(socket, "secureConnect");
    const session = connectHttp2(url, { createConnection: () => socket });
    const answer = await text(session.request({ ":path": "/word" }));
    session.close();
    return answer;
  }),
  client("curl", "http/1.1", ({ files }) => {
    // It keeps sessions for as long as it runs.
    let answers: string[] = [];
    return async (url) => {
      const [answer, ...others] = answers.length > 0
        ? answers
        : await fetchTwice(url, files);
      answers = others;
      return answer ?? "";
    };
  }),
  client("autocannon", "http/1.1", ({ tls, sessions, load }) => {
    const autocannon = load<Autocannon>("autocannon");
    return async (url) => {
      const { "2xx": answered, non2xx, errors } = await autocannon({
        url: new URL("/", url).href,
        amount: 200,
        connections: 4,
        sampleInt: 100,
        tlsOptions: { ...tls, ...sessions },
      });
      equal(non2xx + errors, 0);
      // In Deno it makes half of them, also over the runtime's own TLS.
      ok(answered >= 100);
      return await textAt(url, new HttpsAgent({ ...tls, ...sessions }));
    };
  }),
];

function client(
  name: string,
  protocol: string,
  begin: (visitor: Visitor, protocol: string) => Ask,
): Driver {
  return {
    name: protocol === "h2" ? `${name}, h2` : name,
    visits: [],
    witness: "server",
    isOurs: true,
    begin: (visitor) => {
      const options = {
        ...optionsOf(visitor.server, visitor.tls),
        hostname: "127.0.0.1",
        port: 0,
        onListen: () => {},
      };
      const server = serveTls(options, (request, { socket }) =>
        Response.json(
          { ...answerTo({ socket }), protocol: socket.alpnProtocol },
          // Under load, connections are kept.
          request.url.endsWith("/word")
            ? { headers: { connection: "close" } }
            : {},
        ));
      const ask = begin(visitor, protocol);
      return async () => {
        const { port } = await server.listening;
        const answer = JSON.parse(await ask(`https://localhost:${port}/word`));
        equal(answer.word, "sesame");
        equal(answer.protocol, protocol);
        return answer.resumed;
      };
    },
  };
}

function withUndici(
  { tls, sessions, load }: Visitor,
  protocol: string,
): Ask {
  const { Agent, fetch } = load<Undici>("undici");
  const allowH2 = protocol === "h2";
  return async (url) => {
    const connect = undiciConnector({ ...tls, ...sessions, allowH2 });
    const dispatcher = new Agent({ connect, allowH2 });
    const answer = await (await fetch(url, { dispatcher })).text();
    await dispatcher.close();
    return answer;
  };
}

async function fetchTwice(url: string, files: Files): Promise<string[]> {
  const { stdout } = await execute("curl", [
    ...["-q", "--silent", "--show-error", "--noproxy", "*", "--http1.1"],
    ...["--cacert", files.ca, "--cert", files.cert, "--key", files.key],
    ...["--write-out", "\\n"],
    url,
    url,
  ]);
  return stdout.trimEnd().split("\n");
}
