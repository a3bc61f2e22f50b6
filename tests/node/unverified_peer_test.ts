/** What a server whose certificate is refused gets: nothing that was written to it. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import tls, {
  type ConnectionOptions,
  type Server,
  type TLSSocket,
} from "../../src/node/mod.ts";
import { dial, meet, part, PKI, serverOf } from "../support/node_tls.ts";
import { uncaughtIn } from "../support/uncaught.ts";

const VERSIONS = ["TLSv1.3", "TLSv1.2"] as const;
/** A record that nobody can decrypt. */
const BAD_RECORD = Buffer.concat([
  Buffer.from([23, 3, 3, 0, 30]),
  Buffer.alloc(30, 7),
]);

/** A client whose server's last flight is followed by a bad record in the same chunk. */
function dialBadly(
  server: Server,
  options: ConnectionOptions = {},
): TLSSocket {
  const [ours, near] = duplexPair();
  const [far, theirs] = duplexPair();
  server.emit("connection", theirs);
  let flights = 0;
  const last = options.maxVersion === "TLSv1.2" ? 2 : 1;
  near.on("data", (chunk) => far.write(chunk));
  far.on("data", (chunk) => {
    const isLast = ++flights === last;
    near.write(isLast ? Buffer.concat([chunk, BAD_RECORD]) : chunk);
  });
  ends(near, far);
  return tls.connect({ socket: ours, servername: "localhost", ...options });
}

function ends(...[near, far]: [Duplex, Duplex]): void {
  near.on("close", () => far.destroy()).on("end", () => far.end());
  far.on("close", () => near.destroy()).on("end", () => near.end());
}

/** What a server has heard when the client is closed. */
async function heard(
  options: ConnectionOptions,
  write: (client: TLSSocket) => void,
  connect = dial,
): Promise<string> {
  let text = "";
  const server = serverOf();
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket: TLSSocket) => {
    socket.on("error", () => {}).on("data", (data) => text += data);
  });
  const client = connect(server, { ca: PKI.otherCa.cert, ...options });
  client.on("error", () => {});
  write(client);
  await new Promise<void>((resolve) => client.once("close", () => resolve()));
  await new Promise((resolve) => setTimeout(resolve));
  return text;
}

for (const maxVersion of VERSIONS) {
  describe(`a server that is refused, ${maxVersion}`, () => {
    it("gets nothing, though its handshake ends with a bad record", async () => {
      assertEquals(
        await heard(
          { maxVersion },
          (client) => client.end("secret"),
          dialBadly,
        ),
        "",
      );
    });

    it("gets nothing that a listener of keylog writes", async () => {
      const text = await heard({ maxVersion }, (client) => {
        client.once("keylog", () => client.write("secret"));
      });
      assertEquals(text, "");
    });

    it("gets no end of the handshake that checkServerIdentity sets off", async () => {
      const server = serverOf();
      server.on("tlsClientError", () => {});
      let isAccepted = false;
      server.on("secureConnection", () => isAccepted = true);
      const client = dial(server, {
        maxVersion,
        checkServerIdentity: () => {
          client.write("secret");
          return new Error("not you");
        },
      });
      const [error] = await once(client, "error");
      assertEquals(error.message, "not you");
      await new Promise((resolve) => setTimeout(resolve));
      // In TLS 1.2, the server is the last to finish.
      assertEquals(isAccepted, maxVersion === "TLSv1.2");
    });

    it("gets nothing if checkServerIdentity throws", async () => {
      const checkServerIdentity = (): never => {
        throw new Error("not you");
      };
      const uncaught = await uncaughtIn(async () => {
        const text = await heard(
          { maxVersion, ca: PKI.ca.cert, checkServerIdentity },
          (client) => client.write("secret"),
        );
        assertEquals(text, "");
      });
      assertEquals(uncaught, ["not you"]);
    });
  });

  describe(`a session of a server that wasn't authorized, ${maxVersion}`, () => {
    /** Of a connection to a server of another name, with which the client goes on. */
    async function sessionOf(server: Server): Promise<Buffer> {
      const sockets = await meet(server, {
        maxVersion,
        rejectUnauthorized: false,
      });
      sockets.server.write("x");
      await once(sockets.client, "data");
      const session = sockets.client.getSession();
      await part(sockets);
      assert(session);
      return session;
    }

    it("is resumed by who goes on with any, and still isn't", async () => {
      const server = serverOf(PKI.wrongHost);
      const sockets = await meet(server, {
        maxVersion,
        rejectUnauthorized: false,
        session: await sessionOf(server),
      });
      assert(sockets.client.isSessionReused());
      assertEquals(sockets.client.authorized, false);
      assertEquals(
        sockets.client.authorizationError,
        "ERR_TLS_CERT_ALTNAME_INVALID",
      );
      await part(sockets);
    });

    it("is not resumed by who doesn't", async () => {
      const server = serverOf(PKI.wrongHost);
      const session = await sessionOf(server);
      const client = dial(server, { maxVersion, session });
      const [error] = await once(client, "error");
      assertEquals(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
    });
  });
}
