import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  SSL_TLSEXT_ERR_NOACK,
} from "../../../../src/libssl/mod.ts";
import { ALPN } from "../../../../src/audit/client/hello/codes.ts";
import { latin1 } from "../../../../src/internal/bytes.ts";
import { assertVerdict, verdictsOf } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { clock, ofResumedKinds, rightServers } from "./right_servers.ts";

const id = "isolation/other-alpn";
const alpnProtocols = ["h2", "http/1.1"];

/** A server that selects h2 of those who offer it, and what `select` says otherwise. */
function server(
  select: (offered: readonly string[], libssl: Libssl, ssl: SSL) =>
    | string
    | number,
): LibsslServer {
  return new LibsslServer({
    setUp(libssl, ctx): void {
      libssl.SSL_CTX_set_alpn_select_cb(
        ctx,
        (ssl, offered) =>
          offered.includes("h2") ? "h2" : select(offered, libssl, ssl),
      );
    },
  });
}

describe(id, () => {
  it("passes where the protocol is negotiated anew", async () => {
    for (const [context, passes] of rightServers({ alpnProtocols })) {
      const verdicts = await verdictsOf(context, id, { alpnProtocols, clock });
      assertEquals(ofResumedKinds(verdicts), passes);
    }
  });

  it("passes where other protocols are refused, with a session or without", async () => {
    using strict = server(() => SSL_TLSEXT_ERR_ALERT_FATAL);
    await assertVerdict(strict, id, "pass", { alpnProtocols });
  });

  it("fails where a session gets in with a protocol that is refused", async () => {
    using lax = server((_offered, libssl, ssl) =>
      libssl.SSL_session_reused(ssl)
        ? SSL_TLSEXT_ERR_NOACK
        : SSL_TLSEXT_ERR_ALERT_FATAL
    );
    const { facts } = await assertVerdict(lax, id, "fail", { alpnProtocols });
    assertEquals(facts.full, "no_application_protocol");
    assertEquals(facts.onResumption, "no protocol");
  });

  it("can't tell where connections are lost", async () => {
    using lax = server(() => SSL_TLSEXT_ERR_NOACK);
    const front = helloFront(lax, {
      hello: ({ proposes, extension }) =>
        proposes && !latin1(extension(ALPN) ?? NOTHING).includes("h2")
          ? "close"
          : null,
    });
    const options = { alpnProtocols };
    const { summary } = await assertVerdict(front, id, "inconclusive", options);
    assertMatch(summary, /A connection was lost/);
  });

  it("fails where the session's protocol is selected, unasked for", async () => {
    using misled = new LibsslServer({
      setUp: (libssl, ctx) =>
        libssl.SSL_CTX_set_alpn_select_cb(
          ctx,
          (_ssl, [first = ""]) => first.startsWith("audit") ? first : NONE,
        ),
      onBytes: (bytes) =>
        bytes[SESSION_ID_LENGTH_AT] === 0
          ? bytes
          : replaced(bytes, "audit.invalid", OWN),
    });
    for (const kind of ["tls1.2-id", "tls1.2-ticket"] as const) {
      await assertVerdict(misled, id, "fail", { alpnProtocols: [OWN], kind });
    }
  });

  it("can't tell if what wasn't offered is selected anyway", async () => {
    // Apache selects http/1.1 if nothing else fits.
    using careless = new LibsslServer({
      setUp: (libssl, ctx) =>
        libssl.SSL_CTX_set_alpn_select_cb(ctx, (_ssl, [first = ""]) => first),
      onBytes: (bytes) =>
        [["audit.invalid", OWN], ["\x02h2", "\x02h1"], ["/1.1", "/0.9"]].reduce(
          (before, [from = "", to = ""]) => replaced(before, from, to),
          bytes,
        ),
    });
    const kind = "tls1.2-id";
    const options = { alpnProtocols: [OWN], kind } as const;
    const { summary } = await assertVerdict(
      careless,
      id,
      "not applicable",
      options,
    );
    assertMatch(summary, /only others are offered/);
  });

  it("needs a protocol that the server knows", async () => {
    using none = new LibsslServer();
    await assertVerdict(none, id, "not applicable");
  });
});

/** A protocol of the same length as the one that the probe makes up. */
const OWN = "audit.example";
const NOTHING = new Uint8Array();
const NONE = SSL_TLSEXT_ERR_NOACK;

/** Where the length of the session id is in the record of a ClientHello. */
const SESSION_ID_LENGTH_AT = 5 + 4 + 2 + 32;

/**
 * Has a server of TLS 1.2 believe that a ClientHello has something else. The client ends the
 * connection before it sees that it was changed.
 */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const at = String.fromCharCode(...bytes).indexOf(from);
  if (at < 0) return bytes;
  const changed = bytes.slice();
  changed.set(new TextEncoder().encode(to), at);
  return changed;
}
