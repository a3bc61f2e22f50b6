/** A client of `node:tls`, which Node.js runs with its own: what it sees of a server. */
import { Buffer } from "node:buffer";
import nodeTls from "node:tls";

/** What a client does. */
export interface ClientPlan {
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly protocols?: readonly string[];
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  /** A pre-shared key in hex, in place of certificates. */
  readonly psk?: string;
  /** How often it connects, with its newest session. */
  readonly visits: number;
}

/** What it has seen, for each visit. */
export interface Visit {
  readonly reused: boolean;
  readonly authorized: boolean;
  readonly alpn: string | false | null;
  readonly cipher: string;
  readonly data: string;
  readonly keys: string;
}

/** Visits servers: what each client has seen. */
export default function inNode(
  plans: readonly ClientPlan[],
): Promise<Visit[][]> {
  return Promise.all(plans.map((plan) => visits(plan)));
}

/** Visits a server. */
export async function visits(
  plan: ClientPlan,
  tls: typeof nodeTls = nodeTls,
): Promise<Visit[]> {
  const all: Visit[] = [];
  let session: Buffer | undefined;
  for (let i = 0; i < plan.visits; i++) {
    all.push(await visit(tls, plan, session, (next) => session = next));
  }
  return all;
}

function visit(
  tls: typeof nodeTls,
  { port, ca, cert, key, protocols, maxVersion, psk }: ClientPlan,
  session: Buffer | undefined,
  onSession: (session: Buffer) => void,
): Promise<Visit> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      maxVersion,
      ca,
      ...(cert !== undefined && { cert, key }),
      ...(protocols && { ALPNProtocols: [...protocols] }),
      ...(session && { session }),
      ...(psk !== undefined && {
        ciphers: "PSK+HIGH:TLS_AES_128_GCM_SHA256",
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ identity: "me", psk: Buffer.from(psk, "hex") }),
      }),
    });
    let data = "";
    let seen: Omit<Visit, "data"> | undefined;
    socket.on("secureConnect", () => {
      seen = {
        reused: socket.isSessionReused(),
        authorized: socket.authorized,
        alpn: socket.alpnProtocol,
        cipher: socket.getCipher().name,
        keys: socket.exportKeyingMaterial(16, "label", Buffer.from("context"))
          .toString("hex"),
      };
      socket.write("x".repeat(100_000));
      socket.end("hello");
    });
    socket.on("session", onSession);
    socket.on("data", (chunk) => data += chunk);
    socket.on("error", reject);
    socket.on("close", () => seen && resolve({ ...seen, data }));
  });
}
