import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  SSL_TLSEXT_ERR_NOACK,
} from "../../../../src/libssl/mod.ts";
import { assertVerdict, verdictsOf } from "../../findings_of.ts";
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

  it("fails where the session's protocol is selected, unasked for", async () => {
    const [own, unknown] = ["audit.example", "audit.invalid"];
    // The server is told that the session's protocol was offered.
    using misled = new LibsslServer({
      setUp(libssl, ctx): void {
        libssl.SSL_CTX_set_alpn_select_cb(
          ctx,
          (_ssl, [first = ""]) => first === "h2" ? SSL_TLSEXT_ERR_NOACK : first,
        );
      },
      onBytes(bytes): Uint8Array {
        const text = String.fromCharCode(...bytes);
        const at = text.indexOf(unknown);
        const proposesSession = bytes[SESSION_ID_LENGTH_AT] !== 0;
        if (at < 0 || !proposesSession) return bytes;
        return withText(bytes, at, own);
      },
    });
    for (const kind of ["tls1.2-id", "tls1.2-ticket"] as const) {
      await assertVerdict(misled, id, "fail", { alpnProtocols: [own], kind });
    }
  });

  it("needs a protocol that the server knows", async () => {
    using none = new LibsslServer();
    await assertVerdict(none, id, "not applicable");
  });
});

/** Where the length of the session id is in the record of a ClientHello. */
const SESSION_ID_LENGTH_AT = 5 + 4 + 2 + 32;

function withText(
  bytes: Uint8Array,
  at: number,
  text: string,
): Uint8Array {
  const changed = bytes.slice();
  changed.set(new TextEncoder().encode(text), at);
  return changed;
}
