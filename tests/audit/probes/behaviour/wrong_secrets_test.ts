/** Servers that are wrong about the secrets of a resumption: the extended one, and (EC)DHE. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SessionDer,
  setExtended,
} from "../../../../src/audit/client/session_der.ts";
import {
  EXTENDED_MASTER_SECRET,
  PSK_KEY_EXCHANGE_MODES,
} from "../../../../src/audit/client/hello/codes.ts";
import {
  type Libssl,
  SSL_CLIENT_HELLO_SUCCESS,
  type SSL_CTX,
  SSL_OP_ALLOW_NO_DHE_KEX,
  SSL_OP_NO_EXTENDED_MASTER_SECRET,
  SSL_OP_PREFER_NO_DHE_KEX,
  TLS1_2_VERSION,
} from "../../../../src/libssl/mod.ts";
import { SURVEY_RESUMPTIONS } from "../../../../src/audit/survey.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import { keepSessions } from "../../wrong/kept_sessions.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { linesOf, refuseOffers, serverThat } from "./servers.ts";

describe("Probes of the extended master secret", () => {
  it("warn of a server without it", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_EXTENDED_MASTER_SECRET),
    });
    assertEquals(await linesOf(server, "behaviour/extended-master-secret"), [
      "tls1.2-id warn (medium): The server doesn't support the extended master secret",
      "tls1.2-ticket warn (medium): The server doesn't support the extended master secret",
    ]);
    for (const end of ["dropped", "added"]) {
      const probe = `behaviour/extended-master-secret-${end}`;
      assertEquals(await linesOf(server, probe), [
        "tls1.2-id not applicable: The server has no extended master secret",
        "tls1.2-ticket not applicable: The server has no extended master secret",
      ]);
    }
  });

  it("fail a server that leaves it out of resumptions", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => {
        libssl.SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
      },
    });
    // Those of the survey are right: by ticket and by id.
    let right = 2;
    const front = helloFront(server, {
      hello: ({ proposes }) => proposes && right-- <= 0 ? 0 : null,
    });
    const [line] = await linesOf(front, "behaviour/extended-master-secret");
    assertMatch(line ?? "", /fail \(medium\): The resumption fails: .*extms/);
  });

  it("fail a server that doesn't compare it", async () => {
    using server = new LibsslServer({ setUp: ignoreExtendedMasterSecret });
    assertEquals(
      await linesOf(server, "behaviour/extended-master-secret-dropped"),
      [
        "tls1.2-id fail (high): The session is resumed without the extended master secret",
      ],
    );
    assertEquals(
      await linesOf(server, "behaviour/extended-master-secret-added"),
      [
        "tls1.2-id fail (high): The session is resumed with the extended master secret",
      ],
    );
  });

  it("don't fail a server for connections that are lost", async () => {
    using server = serverThat((der) => der);
    let offers = 0;
    // The survey makes three, and the control one.
    const front = helloFront(server, {
      hello: ({ proposes, isModern }) =>
        proposes && !isModern && ++offers === SURVEY_RESUMPTIONS + 2
          ? "close"
          : null,
    });
    assertEquals(
      await linesOf(front, "behaviour/extended-master-secret-added"),
      [
        "tls1.2-id inconclusive: A connection was lost: the server closed the connection",
      ],
    );
  });

  it("pass a server that compares it", async () => {
    using server = serverThat((der) => der);
    const lines = [];
    for (const end of ["", "-dropped", "-added"]) {
      const probe = `behaviour/extended-master-secret${end}`;
      lines.push(...await linesOf(server, probe));
    }
    assertEquals(lines, [
      "tls1.2-id pass: Both handshakes have the extended master secret",
      "tls1.2-id pass: Not resumed: the alert handshake_failure",
      "tls1.2-id pass: Not resumed: full handshake",
    ]);
  });
});

describe("Probes of PSK modes", () => {
  it("warn of a server that resumes without (EC)DHE", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_options(ctx, SSL_OP_ALLOW_NO_DHE_KEX),
    });
    assertEquals(await linesOf(server, "behaviour/psk-without-dhe"), [
      "tls1.3 warn (medium): A session is resumed without (EC)DHE: no forward secrecy",
    ]);
    assertEquals(await linesOf(server, "behaviour/psk-prefers-dhe"), [
      "tls1.3 pass: Resumed with a key share",
    ]);
  });

  it("warn of a server that prefers to do without", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_options(
          ctx,
          SSL_OP_ALLOW_NO_DHE_KEX | SSL_OP_PREFER_NO_DHE_KEX,
        ),
    });
    assertEquals(await linesOf(server, "behaviour/psk-prefers-dhe"), [
      "tls1.3 warn (medium): Resumed without a key share, although one was offered",
    ]);
  });

  it("fail a server that doesn't read them", async () => {
    using server = new LibsslServer();
    const withoutModes = helloFront(server, {
      refused: ({ extension }) =>
        extension(PSK_KEY_EXCHANGE_MODES) === undefined ? 0 : null,
    });
    assertEquals(await linesOf(withoutModes, "behaviour/psk-without-modes"), [
      "tls1.3 fail (low): The session is resumed",
    ]);
    const pskOnly = helloFront(server, {
      refused: ({ extension }) =>
        extension(PSK_KEY_EXCHANGE_MODES)?.join() === "1,0" ? 0 : null,
    });
    assertEquals(await linesOf(pskOnly, "behaviour/psk-without-dhe"), [
      "tls1.3 fail (low): The server resumes by psk_dhe_ke, which wasn't offered",
    ]);
  });

  it("go on where the server asks for another key share", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => {
        libssl.SSL_CTX_set1_groups_list(ctx, "P-384");
        libssl.SSL_CTX_set_options(ctx, SSL_OP_ALLOW_NO_DHE_KEX);
      },
    });
    assertEquals(await linesOf(server, "behaviour/psk-prefers-dhe"), [
      "tls1.3 pass: Resumed with a key share",
    ]);
  });

  it("aren't applicable without TLS 1.3", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION),
    });
    assertEquals(await linesOf(server, "behaviour/psk-without-dhe"), [
      "tls1.3 not applicable: The server doesn't speak TLS 1.3",
    ]);
  });
});

describe("behaviour/hello-retry", () => {
  it("warns of a server that takes a session at the first hello", async () => {
    using server = serverThat((der, _ssl, count) => count === 1 ? der : null);
    assertEquals(await linesOf(server, "behaviour/hello-retry"), [
      "tls1.3 warn (low): A HelloRetryRequest leads to a full handshake",
    ]);
  });

  it("fails a server that ends the handshake at the second hello", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => {
        keepSessions(libssl, ctx);
        refuseOffers(libssl, ctx, (_id, count) => count > 1);
      },
    });
    const [line] = await linesOf(server, "behaviour/hello-retry");
    assertEquals(
      line,
      "tls1.3 fail (medium): A session fails with a second hello: the server sent the alert internal_error",
    );
  });

  it("isn't applicable to a server that fails at any second hello", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      hello: (_hello, n) => n === 1 ? { alert: 40 } : null,
    });
    assertEquals(await linesOf(front, "behaviour/hello-retry"), [
      "tls1.3 not applicable: The server fails with a key share of MLKEM512 without a session, too",
    ]);
  });

  it("isn't applicable to a server that accepts any group", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set1_groups_list(
          ctx,
          "X25519:brainpoolP256r1tls13:MLKEM512",
        ),
    });
    const [line] = await linesOf(server, "behaviour/hello-retry");
    assertEquals(
      line,
      "tls1.3 not applicable: The server sends no HelloRetryRequest: it accepts MLKEM512 and brainpoolP256r1tls13",
    );
  });
});

/** Keeps sessions that have an extended master secret whenever the hello asks for one. */
function ignoreExtendedMasterSecret(libssl: Libssl, ctx: SSL_CTX): void {
  let isOffered = false;
  libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
    isOffered =
      libssl.SSL_client_hello_get0_ext(ssl, EXTENDED_MASTER_SECRET) !== null;
    return SSL_CLIENT_HELLO_SUCCESS;
  });
  keepSessions(libssl, ctx, {
    found(der): Uint8Array {
      const fields = new SessionDer(der);
      setExtended(fields, isOffered);
      return fields.encoded();
    },
  });
}
