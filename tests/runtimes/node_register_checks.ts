/**
 * Checks of `register` in Node.js, Deno and Bun. They are the last ones of a process: from then
 * on Sesame is in the place of its `node:tls`.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import https from "node:https";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import * as ours from "../../src/node/mod.ts";
import { testCertificate } from "../support/peers.ts";
import type { Checks } from "./checks.ts";
import { nodeTlsChecks } from "./node_tls_checks.ts";

/** A module that takes a name from `node:tls` when it is loaded, whatever a bundler does. */
const NAMED = "data:text/javascript,export { connect } from 'node:tls';";

/** Checks of what `register` reaches. */
export const NODE_REGISTER_CHECKS: Checks = {
  "register reaches require and imports": async () => {
    const { register, unregister } = await import("../../src/node/register.ts");
    unregister();
    const own: unknown = tls.connect;
    same(own === ours.connect, false, "an import, without");
    register();
    register();
    same(tls.connect, ours.connect, "an import from before");
    const require = createRequire(import.meta.url);
    same(require("tls").connect, ours.connect, "require()");
    const named = await import(NAMED);
    same(named.connect, ours.connect, "an import of a name");
  },
  "register reaches assignments to defaults": () => {
    const before = tls.DEFAULT_MAX_VERSION;
    tls.DEFAULT_MAX_VERSION = "TLSv1.2";
    same(ours.default.DEFAULT_MAX_VERSION, "TLSv1.2", "the default");
    tls.DEFAULT_MAX_VERSION = before;
  },
  ...nodeTlsChecks(tls),
  "register reaches node:https, whose agent resumes": resumeByAgent,
  "what others have kept of node:tls goes on": useKept,
  "unregister gives the runtime its own back": async () => {
    const { register, unregister } = await import("../../src/node/register.ts");
    unregister();
    unregister();
    const own: unknown = tls.connect;
    same(own === ours.connect, false, "an import");
    same(https.createServer() instanceof ours.Server, false, "a server");
    register();
  },
};

/** As a module has it that was loaded before. */
const kept = { connect: tls.connect, createServer: tls.createServer };

async function useKept(): Promise<void> {
  const { cert, key } = testCertificate("P-256");
  const server = kept.createServer({ cert, key }, (socket) => {
    socket.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = {
    host: "127.0.0.1",
    port,
    ca: cert,
    servername: "localhost",
  };
  try {
    for (const connect of [kept.connect, tls.connect]) {
      await new Promise((resolve, reject) => {
        connect(options).on("error", reject).on("end", resolve).resume();
      });
    }
  } finally {
    server.close();
  }
}

async function resumeByAgent(): Promise<void> {
  const { cert, key } = testCertificate("P-256");
  const server = https.createServer({ cert, key }, (request, response) => {
    const { socket } = request;
    if (!(socket instanceof ours.TLSSocket)) throw new Error("not ours");
    response.end(String(socket.isSessionReused()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // Without keep-alive each request has a connection of its own.
  const agent = new https.Agent({
    keepAlive: false,
    ca: cert,
    servername: "localhost",
  });
  try {
    same(await get(port, agent), "false", "resumption of the first");
    same(await get(port, agent), "true", "resumption of the second");
  } finally {
    agent.destroy();
    server.close();
  }
}

function get(port: number, agent: https.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    https.get({ host: "127.0.0.1", port, agent }, (response) => {
      let body = "";
      response.on("data", (data: Buffer) => body += data.toString());
      response.on("end", () => resolve(body));
    }).on("error", reject);
  });
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)}`);
}
