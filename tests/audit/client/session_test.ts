/** Sessions of the audit's client: their fields are read and changed in OpenSSL's encoding. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type {
  ClientSession,
  SessionChanges,
} from "../../../src/audit/client/session.ts";
import { OpenSSL } from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import { LibsslServer } from "../wrong/libssl_server.ts";
import { clientOf, sessionOf } from "./client_of.ts";

/** A session of a server that allows early data. Its audit doesn't end. */
async function newSession(
  kind: ClientSession["kind"] = "tls1.3",
): Promise<ClientSession> {
  using server = new LibsslServer({ maxEarlyData: 1_000 });
  return await sessionOf(clientOf(server), kind);
}

/** The fields of a session that libssl reads in its encoding. */
function fieldsOf({ der }: ClientSession): Record<string, unknown> {
  const { libssl } = OpenSSL.default;
  const session = made(libssl.d2i_SSL_SESSION(der));
  const cipher = libssl.SSL_SESSION_get0_cipher(session);
  const fields = {
    id: libssl.SSL_SESSION_get_id(session).toHex(),
    ticket: libssl.SSL_SESSION_get0_ticket(session).toHex(),
    masterKey: libssl.SSL_SESSION_get_master_key(session).toHex(),
    cipher: cipher && libssl.SSL_CIPHER_get_name(cipher),
    version: libssl.SSL_SESSION_get_protocol_version(session),
    time: libssl.SSL_SESSION_get_time_ex(session),
    lifetime: libssl.SSL_SESSION_get_ticket_lifetime_hint(session),
    maxEarlyData: libssl.SSL_SESSION_get_max_early_data(session),
    name: libssl.SSL_SESSION_get0_hostname(session),
    alpn: libssl.SSL_SESSION_get0_alpn_selected(session).toHex(),
    der: libssl.i2d_SSL_SESSION(session)?.toHex(),
  };
  libssl.SSL_SESSION_free(session);
  return fields;
}

describe("A session of the audit", () => {
  it("has the fields that libssl reads", async () => {
    for (const kind of ["tls1.3", "tls1.2-ticket", "tls1.2-id"] as const) {
      const session = await newSession(kind);
      const fields = fieldsOf(session);
      assertEquals(fields.der, session.der.toHex());
      assertEquals(fields.id, session.id.toHex());
      assertEquals(fields.ticket, session.ticket?.toHex() ?? "");
      assertEquals(fields.masterKey, session.masterKey.toHex());
      assertEquals(fields.lifetime, session.lifetimeSeconds ?? 0);
      assertEquals(fields.maxEarlyData, session.maxEarlyData);
      assertEquals(fields.time, Math.floor(session.receivedAt / 1_000));
      assertEquals(session.extendedMasterSecret, kind !== "tls1.3");
    }
  });

  it("changes what it is told to, and nothing else", async () => {
    const session = await newSession();
    assertEquals(session.with({}).der, session.der);
    const before = fieldsOf(session);
    const big = new Uint8Array(60_000).fill(7);
    const changes: [SessionChanges, string, unknown][] = [
      [{ id: Uint8Array.of(1, 2) }, "id", "0102"],
      [{ ticket: big }, "ticket", big.toHex()],
      [{ masterKey: new Uint8Array(48) }, "masterKey", "00".repeat(48)],
      [{ cipherSuite: 0x1301 }, "cipher", "TLS_AES_128_GCM_SHA256"],
      [{ receivedAt: 1_900_000_000_999 }, "time", 1_900_000_000],
      [{ lifetimeSeconds: 604_801 }, "lifetime", 604_801],
      [{ maxEarlyData: 0xffff_ffff }, "maxEarlyData", 0xffff_ffff],
      [{ name: "other.example" }, "name", "other.example"],
      [{ alpn: "h2" }, "alpn", "6832"],
    ];
    for (const [change, field, value] of changes) {
      const { der: _, ...after } = fieldsOf(session.with(change));
      const { der: __, ...expected } = { ...before, [field]: value };
      assertEquals(after, expected);
    }
    const aged = session.with({ ageAdd: 0xffff_fffe });
    assertEquals(aged.ageAdd, 0xffff_fffe);
    assertEquals(aged.with({ ageAdd: session.ageAdd }).der, session.der);
    const older = (await newSession("tls1.2-ticket"))
      .with({ extendedMasterSecret: false });
    assertEquals(older.extendedMasterSecret, false);
  });

  it("is wiped at the end of the audit, with what was made of it", async () => {
    using server = new LibsslServer();
    const client = clientOf(server);
    const session = await sessionOf(client, "tls1.3");
    const other = session.with({ ageAdd: 1 });
    assertNotEquals(other.der, new Uint8Array(other.der.length));
    client.state.dispose();
    for (const { der, masterKey } of [session, other]) {
      assertEquals(der, new Uint8Array(der.length));
      assertEquals(masterKey, new Uint8Array(masterKey.length));
    }
  });
});
