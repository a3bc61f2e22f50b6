/**
 * HTTP over this package's TLS in Deno, Node.js and Bun: servers whose sessions live in a store,
 * and clients of `node:https` and of the npm package `undici` that resume them.
 *
 * @module
 */
export { serveTls } from "./serve_tls.ts";
export type {
  ServeAddress,
  ServeTlsHandler,
  ServeTlsInfo,
  ServeTlsOptions,
  TlsHttpServer,
} from "./serve_types.ts";
export {
  createHttpsServer,
  type HttpsServer,
  type HttpsServerOptions,
} from "./https_server.ts";
export { HttpsAgent, type HttpsAgentOptions } from "./https_agent.ts";
export {
  type UndiciConnector,
  undiciConnector,
  type UndiciConnectorOptions,
  type UndiciTarget,
} from "./undici_connector.ts";
export type * from "../mod.ts";
