/** Servers of `node:tls`, which Node.js runs with its own until its input ends. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import process from "node:process";
import type net from "node:net";
import nodeTls from "node:tls";

/** What a server is. */
export interface ServerPlan {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly protocols?: readonly string[];
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  readonly psk?: string;
  /** Whether sessions are kept by `newSession` and `resumeSession`. */
  readonly keepsSessions?: boolean;
}

/** Starts a server that answers how much it was told, by whom, and its own view of the keys. */
export function serve(
  { cert, key, ca, protocols, maxVersion, psk, keepsSessions }: ServerPlan,
  tls: typeof nodeTls = nodeTls,
): nodeTls.Server {
  const server = tls.createServer({
    cert,
    key,
    maxVersion,
    ...(ca !== undefined && { ca, requestCert: true }),
    ...(protocols && { ALPNProtocols: [...protocols] }),
    ...(keepsSessions && { secureOptions: 0x4000 }),
    ...(psk !== undefined && {
      ciphers: "PSK+HIGH:TLS_AES_128_GCM_SHA256",
      pskCallback: () => Buffer.from(psk, "hex"),
    }),
    allowHalfOpen: true,
  }, (socket) => {
    let length = 0;
    const keys = socket.exportKeyingMaterial(
      16,
      "label",
      Buffer.from("context"),
    ).toString("hex");
    socket.on("data", (chunk) => length += chunk.length);
    socket.on("end", () => {
      const { subject } = socket.getPeerCertificate();
      socket.end(`${length} ${subject?.CN ?? "nobody"} ${keys}`);
    });
  });
  if (keepsSessions) keep(server);
  server.listen(0, "127.0.0.1");
  return server;
}

function keep(server: nodeTls.Server): void {
  const sessions = new Map<string, Buffer>();
  server.on("newSession", (id, session, done) => {
    sessions.set(id.toString("hex"), session);
    setTimeout(done, 1);
  });
  server.on("resumeSession", (id, done) => {
    const session = sessions.get(id.toString("hex")) ?? null;
    setTimeout(() => done(null, session as Buffer), 1);
  });
}

/** The first line of the input are the plans; the first line of the output are the ports. */
export async function run(): Promise<void> {
  const input = process.stdin[Symbol.asyncIterator]();
  const { value } = await input.next();
  const servers = (JSON.parse(`${value}`) as ServerPlan[])
    .map((plan) => serve(plan));
  await Promise.all(servers.map((server) => once(server, "listening")));
  console.log(JSON.stringify(servers.map(portOf)));
  await input.next();
  process.exit();
}

/** Where a server listens. */
export function portOf(server: nodeTls.Server): number {
  return (server.address() as net.AddressInfo).port;
}
