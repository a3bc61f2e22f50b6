/**
 * Servers of Sesame's `createHttpsServer` and `serveTls`.
 *
 * @module
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createHttpsServer, serveTls } from "../src/node/http/mod.ts";
import { ANSWER, type HttpsServer, underRequests } from "./http_load.mjs";
import type { Measurement } from "./measurements.mjs";

type Options = { cert: string; key: string };

/** Requests in a second of this process's processor time. */
export function requestsOverHttps(
  m: Measurement,
  seconds: number,
  certificates: string,
): Promise<number> {
  const serve = m.metric.endsWith("serveTls") ? serveRequests : serveNode;
  return underRequests(m, seconds, certificates, serve);
}

async function serveNode(
  options: Options,
  onRequest: () => void,
): Promise<HttpsServer> {
  const server = createHttpsServer(options, (_request, response) => {
    onRequest();
    response.end(ANSWER);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function serveRequests(
  options: Options,
  onRequest: () => void,
): Promise<HttpsServer> {
  const abort = new AbortController();
  const { signal } = abort;
  const where = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = serveTls({ ...options, ...where, signal }, () => {
    onRequest();
    return new Response(ANSWER);
  });
  const { port } = await server.listening;
  return {
    port,
    close: async () => {
      abort.abort();
      await server.finished;
    },
  };
}
