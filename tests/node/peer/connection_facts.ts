import { Buffer } from "node:buffer";

/** What a client is to connect to. */
export interface Visit {
  /** The port of the server, on localhost. */
  readonly port: number;
  /** What it trusts. */
  readonly ca?: string;
  /** The highest version of TLS. */
  readonly maxVersion?: string;
}

/** What a socket tells of its peer. */
interface ClientSocket {
  readonly authorized: boolean;
  readonly authorizationError: unknown;
  getPeerCertificate(isDetailed?: boolean): unknown;
  getPeerX509Certificate(): X509 | undefined;
  getCertificate(): unknown;
  getCipher(): unknown;
  getEphemeralKeyInfo(): unknown;
  getProtocol(): string | null;
  on(event: string, listener: (error: Error) => void): void;
  destroy(): void;
}

interface X509 {
  readonly fingerprint256: string;
  readonly issuerCertificate?: X509 | undefined;
}

/** `node:tls`, ours or a runtime's. */
export interface Tls {
  /** Connects, and calls the listener after the handshake. */
  connect(options: never, listener: () => void): unknown;
}

/** What a client of `tls` learns of the server. */
export function factsOf(tls: Tls, visit: Visit): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { ...visit, host: "localhost", rejectUnauthorized: false };
    const socket = tls.connect(options as never, () => {
      const detailed = chainOf(socket.getPeerCertificate(true));
      const certificate = socket.getPeerCertificate();
      // Once Node.js 24.21 has told this, it shows no other certificate.
      const x509 = socket.getPeerX509Certificate();
      resolve(plain({
        detailed,
        certificate,
        own: socket.getCertificate(),
        x509: [
          x509?.fingerprint256,
          x509?.issuerCertificate?.fingerprint256,
          x509?.issuerCertificate?.issuerCertificate?.fingerprint256,
        ],
        cipher: socket.getCipher(),
        ephemeral: socket.getEphemeralKeyInfo(),
        protocol: socket.getProtocol(),
        authorized: socket.authorized,
        error: socket.authorizationError,
      }));
      socket.destroy();
    }) as ClientSocket;
    socket.on("error", reject);
  });
}

/** In Node.js: what its own clients learn. */
export default async function run(visits: Visit[]): Promise<unknown[]> {
  const tls = await import("node:tls");
  const facts: unknown[] = [];
  for (const visit of visits) facts.push(await factsOf(tls as Tls, visit));
  return facts;
}

/** Each certificate of a chain, and how the last one is linked. */
function chainOf(certificate: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = certificate as Linked | undefined; one !== undefined;) {
    const { issuerCertificate, ...fields }: Linked = one;
    chain.push(Object.entries(fields));
    if (issuerCertificate === one) return [...chain, "its own issuer"];
    one = issuerCertificate;
  }
  return chain;
}

interface Linked {
  readonly issuerCertificate?: Linked;
}

/** As JSON, with bytes in hex. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(
      value,
      (_, part) =>
        part?.type === "Buffer" ? Buffer.from(part.data).toString("hex") : part,
    ),
  );
}
