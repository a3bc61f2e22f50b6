import { equal } from "node:assert/strict";
import { get } from "node:https";
import { text } from "node:stream/consumers";
import {
  HttpsAgent,
  type HttpsServerOptions,
} from "../../../src/node/http/mod.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import type { ClientOptions, Driver, Visitor } from "../site.ts";

/** A server's answer to `GET /word`. */
export interface Answer {
  readonly word: string;
  /** What the server says of the connection. */
  readonly resumed: boolean;
}

/** A server of HTTP that a framework has started: resolves with its port. */
export type Start = (
  load: Visitor["load"],
  options: HttpsServerOptions,
) => Promise<number>;

/** The socket of a request, as far as it is of interest. */
export interface Requested {
  readonly socket: unknown;
}

/** What a framework is to answer. */
export function answerTo({ socket }: Requested): Answer {
  const { isSessionReused } = socket as { isSessionReused(): boolean };
  return { word: "sesame", resumed: isSessionReused.call(socket) };
}

/** A framework over `createHttpsServer`, and its connections from an `HttpsAgent`. */
export function framework(name: string, start: Start): Driver {
  return {
    name,
    visits: [],
    witness: "server",
    isOurs: true,
    begin: ({ tls, sessions, server, load }) => {
      const listening = start(load, optionsOf(server, tls));
      return async () => {
        const url = `https://localhost:${await listening}/word`;
        const agent = new HttpsAgent({ ...tls, ...sessions });
        const { word, resumed } = JSON.parse(await textAt(url, agent));
        agent.destroy();
        equal(word, "sesame");
        return resumed;
      };
    },
  };
}

/** A server with a store, of the one version that its clients have. */
export function optionsOf(
  server: Visitor["server"],
  { minVersion, maxVersion }: ClientOptions,
): HttpsServerOptions & { sessions: MemorySessionStore } {
  return {
    ...server,
    minVersion,
    maxVersion,
    requestCert: true,
    sessions: new MemorySessionStore(),
  };
}

/** What a server answers to a `GET`. */
export function textAt(url: string, agent: HttpsAgent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      text(response).then(resolve, reject);
    }).on("error", reject);
  });
}
