import { once } from "node:events";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createHttpsServer,
  type HttpsServer,
  type HttpsServerOptions,
} from "../../../src/node/http/mod.ts";
import {
  type Answer,
  answerTo,
  framework,
  type Requested,
} from "./framework.ts";

const HOST = "127.0.0.1";

interface Express {
  (): RequestListener & {
    get(
      path: string,
      handler: (
        request: Requested,
        response: { json(body: Answer): void },
      ) => void,
    ): void;
  };
}

interface Koa {
  use(handler: (context: { req: Requested; body: Answer }) => void): void;
  callback(): RequestListener;
}

interface Fastify {
  (options: {
    serverFactory(handler: RequestListener): HttpsServer;
  }): {
    get(
      path: string,
      handler: (request: { raw: Requested }) => Promise<Answer>,
    ): void;
    listen(options: { host: string; port: number }): Promise<string>;
  };
}

interface Hono {
  get(
    path: string,
    handler: (context: {
      env: { incoming: Requested };
      json(body: Answer): Response;
    }) => Response,
  ): void;
  readonly fetch: unknown;
}

interface HonoServer {
  serve(options: unknown, listening: (address: AddressInfo) => void): unknown;
}

/** Frameworks over `createHttpsServer`, as their users would do it. */
export const FRAMEWORKS = [
  framework("express", (load, options) => {
    const app = load<Express>("express")();
    app.get("/word", (request, response) => response.json(answerTo(request)));
    return listen(createHttpsServer(options, app));
  }),
  framework("koa", (load, options) => {
    const Koa = withoutNamespace(load<new () => Koa>("koa"));
    const app = new Koa();
    app.use((context) => {
      context.body = answerTo(context.req);
    });
    return listen(createHttpsServer(options, app.callback()));
  }),
  framework("fastify", async (load, options) => {
    const app = load<Fastify>("fastify")({
      serverFactory: (handler) => createHttpsServer(options, handler),
    });
    app.get("/word", (request) => Promise.resolve(answerTo(request.raw)));
    return Number(new URL(await app.listen({ host: HOST, port: 0 })).port);
  }),
  framework("hono", (load, options: HttpsServerOptions) => {
    const { Hono } = load<{ Hono: new () => Hono }>("hono");
    const { serve } = load<HonoServer>("@hono/node-server");
    const app = new Hono();
    app.get("/word", (context) => context.json(answerTo(context.env.incoming)));
    return new Promise((resolve) =>
      serve({
        fetch: app.fetch,
        createServer: createHttpsServer,
        serverOptions: options,
        hostname: HOST,
        port: 0,
      }, ({ port }) => resolve(port))
    );
  }),
];

async function listen(server: HttpsServer): Promise<number> {
  server.listen(0, HOST);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Some runtimes give a module where others give what is its default. */
function withoutNamespace<T extends object>(loaded: T | { default: T }): T {
  return "default" in loaded ? loaded.default : loaded;
}
