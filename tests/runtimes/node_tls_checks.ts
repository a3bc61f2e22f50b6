/**
 * What must hold of `node:tls` where Sesame is in its place, by `register` or by a bundler's
 * alias. Connections are in memory: workerd has no listeners.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { duplexPair } from "node:stream";
import type * as NodeTls from "node:tls";
import { SSL_OP_NO_TICKET } from "../../src/libssl/mod.ts";
import { testCertificate } from "../support/peers.ts";
import type { Checks } from "./checks.ts";

/** What programs take from the module. */
export type Tls = Pick<typeof NodeTls, "connect" | "createServer">;

/** What no `node:tls` of a runtime's does. */
export function nodeTlsChecks(tls: Tls): Checks {
  return {
    "node:tls: TLS 1.2 resumes by newSession and resumeSession": () =>
      resume(tls, "TLSv1.2"),
    "node:tls: TLS 1.3 resumes by newSession and resumeSession": () =>
      resume(tls, "TLSv1.3"),
  };
}

async function resume(tls: Tls, version: NodeTls.SecureVersion): Promise<void> {
  const kept = new Map<string, Buffer>();
  const { cert, key } = testCertificate("P-256");
  const server = tls.createServer({
    cert,
    key,
    minVersion: version,
    maxVersion: version,
    secureOptions: Number(SSL_OP_NO_TICKET),
  });
  server.on("newSession", (id, session, done) => {
    kept.set(id.toString("hex"), session);
    queueMicrotask(done);
  });
  server.on("resumeSession", (id, done) => {
    const session = kept.get(id.toString("hex"));
    setTimeout(() => done(null, session as Buffer), 1);
  });
  const first = await visit(tls, server, cert);
  if (first.reused) throw new Error("The first connection is resumed");
  const second = await visit(tls, server, cert, first.session);
  if (!second.reused) throw new Error("The second connection isn't resumed");
}

/** A connection that hears a word from the server, and has a session by then. */
async function visit(
  tls: Tls,
  server: NodeTls.Server,
  ca: string,
  session?: Buffer,
): Promise<{ reused: boolean; session: Buffer }> {
  const [ours, theirs] = duplexPair();
  server.once("secureConnection", (socket) => socket.end("hello"));
  server.emit("connection", theirs);
  const socket = tls.connect({
    socket: ours,
    ca,
    servername: "localhost",
    ...(session && { session }),
  });
  let newest = session;
  socket.on("session", (session: Buffer) => newest = session);
  await new Promise((resolve, reject) => {
    socket.on("error", reject).on("end", resolve).resume();
  });
  const reused = socket.isSessionReused();
  socket.destroy();
  if (newest === undefined) throw new Error("There is no session");
  return { reused, session: newest };
}
