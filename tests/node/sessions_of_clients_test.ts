/** Sessions of clients that have shown a certificate: resumed where it would be trusted. */
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Server, TlsServerOptions } from "../../src/node/mod.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { createTestPki } from "../../src/testing/pki.ts";
import { dial, PKI, serverOf } from "../support/node_tls.ts";

const OTHER = createTestPki({ seed: "another trust" });

/** What a server says of a client of `PKI`, and a session; `undefined` if it refuses it. */
async function visit(
  server: Server,
  servername: string,
  maxVersion: "TLSv1.2" | "TLSv1.3",
  session?: Buffer,
): Promise<{ says: string; session: Buffer | null | undefined } | undefined> {
  const client = dial(server, {
    ...PKI.client,
    servername,
    maxVersion,
    checkServerIdentity: () => undefined,
    ca: [PKI.ca.cert, OTHER.ca.cert],
    ...(session && { session }),
  });
  client.on("error", () => {});
  const said = new Promise<Buffer>((resolve) => client.once("data", resolve));
  const refused = new Promise<undefined>((resolve) =>
    server.once("tlsClientError", () => resolve(undefined))
  );
  const data = await Promise.race([said, refused]);
  const made = client.getSession();
  client.destroy();
  return data && { says: String(data), session: made };
}

/** A server that says whether it knows its clients, and resumes. */
function knowing(options: TlsServerOptions): Server {
  const server = serverOf({
    ca: PKI.ca.cert,
    requestCert: true,
    rejectUnauthorized: true,
    ...options,
  });
  server.on("secureConnection", (socket) => {
    socket.on("error", () => {});
    socket.write(`${socket.authorized} ${socket.isSessionReused()}`);
  });
  return server;
}

for (const maxVersion of ["TLSv1.3", "TLSv1.2"] as const) {
  for (const where of ["tickets", "a store"]) {
    const sessions = (): TlsServerOptions =>
      where === "tickets" ? {} : { sessions: new MemorySessionStore() };

    describe(`sessions in ${where} of clients with certificates, ${maxVersion}`, () => {
      it("are resumed at the same name, and at no other", async () => {
        const server = knowing(sessions());
        server.addContext("a.test", { ...PKI.server, ca: PKI.ca.cert });
        server.addContext("b.test", { ...OTHER.server, ca: OTHER.ca.cert });
        const first = await visit(server, "a.test", maxVersion);
        const session = first?.session ?? undefined;
        assertEquals(first?.says, "true false");
        const again = await visit(server, "a.test", maxVersion, session);
        assertEquals(again?.says, "true true");
        // As it is made with "a.test", which the client checks.
        const name = Buffer.from("b.test");
        const renamed = Buffer.from(session ?? []);
        name.copy(renamed, renamed.indexOf("a.test"));
        assertEquals(
          await visit(server, "b.test", maxVersion, renamed),
          undefined,
        );
      });

      it("aren't once the server trusts others", async () => {
        const server = knowing(sessions());
        const first = await visit(server, "localhost", maxVersion);
        const session = first?.session ?? undefined;
        const again = await visit(server, "localhost", maxVersion, session);
        assertEquals(again?.says, "true true");
        server.setSecureContext({ ...PKI.server, ca: OTHER.ca.cert });
        assertEquals(
          await visit(server, "localhost", maxVersion, session),
          undefined,
        );
      });
    });
  }
}
