/**
 * A server of `serveTls` for a test, and requests to it by both versions of HTTP.
 *
 * @module
 */
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import {
  HttpsAgent,
  serveTls,
  type ServeTlsHandler,
  type ServeTlsOptions,
  type TlsHttpServer,
} from "../../src/node/http/mod.ts";
import { connect, type TLSSocket } from "../../src/node/mod.ts";
import { PKI } from "./node_tls.ts";

/** What a server has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** What is asked. */
export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | AsyncIterable<string>;
}

/** A server that is gone when it is disposed of. */
export class HttpsSite implements AsyncDisposable {
  readonly server: TlsHttpServer;
  readonly port: number;
  readonly #agent = new HttpsAgent({ ca: PKI.ca.cert });

  private constructor(server: TlsHttpServer, port: number) {
    this.server = server;
    this.port = port;
  }

  /** Starts one on a free port. */
  static async start(
    handler: ServeTlsHandler,
    options: ServeTlsOptions = {},
  ): Promise<HttpsSite> {
    const server = serveTls({
      ...PKI.server,
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      ...options,
    }, handler);
    const { port } = await server.listening;
    return new HttpsSite(server, port);
  }

  /** Asks by HTTP/1.1. */
  async ask(path: string, question: Question = {}): Promise<Answer> {
    const { body, ...options } = question;
    const asked = request({
      host: "localhost",
      port: this.port,
      path,
      agent: this.#agent,
      ...options,
    });
    if (typeof body === "string") asked.end(body);
    else {
      for await (const part of body ?? []) asked.write(part);
      asked.end();
    }
    const [response] = await once(asked, "response") as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: await text(response),
    };
  }

  /** Asks by HTTP/2. */
  async askHttp2(
    path: string,
    { method = "GET", headers = {}, body }: Question = {},
  ): Promise<Answer> {
    const session = await this.http2();
    const stream = session.request({
      ":path": path,
      ":method": method,
      ...headers,
    });
    if (typeof body === "string") stream.end(body);
    else {
      for await (const part of body ?? []) stream.write(part);
      stream.end();
    }
    const [answered] = await once(stream, "response");
    const answer = {
      status: answered[":status"],
      headers: answered,
      text: await text(stream),
    };
    session.close();
    return answer;
  }

  /** A connection of HTTP/2. */
  async http2(): Promise<ClientHttp2Session> {
    const socket = await this.connect(["h2"]);
    return connectHttp2(`https://localhost:${this.port}`, {
      createConnection: () => socket,
    });
  }

  /** A connection. */
  async connect(ALPNProtocols: string[] = ["http/1.1"]): Promise<TLSSocket> {
    const socket = connect({
      host: "localhost",
      port: this.port,
      ca: PKI.ca.cert,
      ALPNProtocols,
    });
    await once(socket, "secureConnect");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.server.shutdown();
  }
}
