/** The probes of early data, on servers that are right, that have none, and that are wrong. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext } from "@sesame/tls";
import type { Finding } from "@sesame/tls/audit";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "@sesame/tls/testing";
import {
  type Libssl,
  type SSL_CTX,
  SSL_OP_NO_ANTI_REPLAY,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from "../../../../src/libssl/mod.ts";
import { toHex } from "../../../../src/internal/bytes.ts";
import { made } from "../../../support/pair.ts";
import {
  findingsOf,
  type FindingsOptions,
  verdictsOf,
} from "../../findings_of.ts";
import { careless, type Carelessness } from "../../wrong/careless.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "../../wrong/libssl_server.ts";

const MAX_EARLY_DATA = 1000;
const NAMES = ["localhost", "other.example"];
const ALL_PASS = {
  "accepted": "pass",
  "replay": "pass",
  "replay-other-node": "pass",
  "replay-after-restart": "pass",
  "too-much": "pass",
  "other-alpn": "pass",
  "other-cipher": "pass",
  "other-name": "pass",
  "hello-retry-request": "pass",
  "second-hello": "pass",
  "expired": "pass",
  "ticket-age": "pass",
};

/** By probe: the verdict, with the severity if it isn't good, or why there is none. */
function verdicts(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(
    findings.map(({ probe, verdict, severity, summary }) => [
      probe.replace("early-data/", ""),
      verdict === "pass"
        ? verdict
        : `${verdict}, ${
          verdict === "fail" || verdict === "warn" ? severity : summary
        }`,
    ]),
  );
}

/** What one probe finds at servers of raw libssl, each a node. */
async function probed(
  probe: string,
  servers: readonly LibsslServer[],
  options: FindingsOptions = {},
): Promise<Finding> {
  const at = (node: string): LibsslServer =>
    made(servers[Number(node)] ?? null);
  const [finding] = await findingsOf(
    { connect: (node) => at(node).connect(), clock: at("0").clock },
    `early-data/${probe}`,
    { nodes: servers.map((_, i) => `${i}`), ...options },
  );
  return made(finding ?? null);
}

function eager(options: LibsslServerOptions = {}): LibsslServerOptions {
  return { maxEarlyData: MAX_EARLY_DATA, ...options };
}

/** A server that resumes by stateless tickets, and so doesn't look for replays. */
function forgetful(options: LibsslServerOptions = {}): LibsslServerOptions {
  return eager({
    ...options,
    setUp(libssl, ctx, server): void {
      libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
      options.setUp?.(libssl, ctx, server);
    },
  });
}

/** Accepts the early data of a session once: as long as the process lives. */
function onceEach(libssl: Libssl, ctx: SSL_CTX): void {
  const seen = new Set<string>();
  libssl.SSL_CTX_set_allow_early_data_cb(ctx, (ssl) => {
    const session = made(libssl.SSL_get_session(ssl));
    const key = toHex(libssl.SSL_SESSION_get_master_key(session));
    if (seen.has(key)) return 0;
    seen.add(key);
    return 1;
  });
}

/** Selects the first protocol that is offered. */
function selectsAny(libssl: Libssl, ctx: SSL_CTX): void {
  libssl.SSL_CTX_set_alpn_select_cb(
    ctx,
    (_, [first]) => first ?? SSL_TLSEXT_ERR_NOACK,
  );
}

/** Has another certificate at another name. */
function isTwoHosts(libssl: Libssl, ctx: SSL_CTX, server: LibsslServer): void {
  const other = server.newContext({ certificate: PKI.client });
  libssl.SSL_CTX_set_tlsext_servername_callback(ctx, (ssl) => {
    if (libssl.SSL_get_servername(ssl, 0) === "other.example") {
      libssl.SSL_set_SSL_CTX(ssl, other);
    }
    return SSL_TLSEXT_ERR_OK;
  });
}

function carelessAbout(
  about: Carelessness,
  options: LibsslServerOptions = {},
): LibsslServer {
  return new LibsslServer(careless([about], eager(options)));
}

describe("Probes of early data", () => {
  it("pass at a server whose sessions are used once", async () => {
    const clock = new VirtualClock();
    const openssl = new OpenSSL({ clock: clock.now });
    const store = new MemorySessionStore({ now: clock.now });
    const newContext = (): TlsContext =>
      new TlsContext({
        openssl,
        ...PKI.server,
        sessions: store,
        singleUse: true,
        maxEarlyData: MAX_EARLY_DATA,
        alpnProtocols: ["h2", "http/1.1"],
      });
    const findings = await findingsOf(newContext(), "early-data", {
      nodes: [newContext()],
      clock,
      names: NAMES,
      change: { restart: () => [newContext(), newContext()] },
    });
    assertEquals(verdicts(findings), ALL_PASS);
  });

  it("pass at a server of OpenSSL's, but those of what it doesn't compare", async () => {
    using server = new LibsslServer(eager({ setUp: selectsAny }));
    const findings = await findingsOf(server, "early-data", {
      nodes: ["a", "b"],
      names: NAMES,
      change: () => {},
    });
    assertEquals(verdicts(findings), {
      ...ALL_PASS,
      "other-cipher": "fail, low",
      "other-name": "warn, low",
    });
  });

  it("are not applicable where no early data is allowed", async () => {
    using server = new LibsslServer();
    const findings = await findingsOf(server, "early-data", {
      nodes: ["a", "b"],
      names: NAMES,
      change: () => {},
    });
    const { accepted, ...others } = verdicts(findings);
    assertEquals(accepted, "pass");
    assertEquals(
      new Set(Object.values(others)),
      new Set(["not applicable, The server's tickets allow no early data"]),
    );
    assertEquals(Object.keys(others).length, 11);
  });

  it("accepted: fails if the ticket allows none, and warns if it allows what is rejected", async () => {
    using lavish = carelessAbout("amount", {
      onConnection: (libssl, ssl) => libssl.SSL_set_max_early_data(ssl, 0),
      onBytes(bytes, { libssl, ssl }): Uint8Array {
        if (libssl.SSL_get_max_early_data(ssl) === 0 && hasEarlyData(bytes)) {
          libssl.SSL_set_max_early_data(ssl, MAX_EARLY_DATA);
        }
        return bytes;
      },
    });
    const { verdict, facts } = await probed("accepted", [lavish]);
    assertEquals(verdict, "fail");
    assertEquals(facts, {
      allowed: false,
      maxEarlyDataBytes: 0,
      accepted: true,
    });
    using shy = new LibsslServer(eager({
      setUp: (libssl, ctx) =>
        libssl.SSL_CTX_set_allow_early_data_cb(ctx, () => 0),
    }));
    assertEquals((await probed("accepted", [shy])).verdict, "warn");
    assertEquals((await probed("replay", [shy])).verdict, "not applicable");
  });

  it("replay: fails if a node accepts it again", async () => {
    using server = new LibsslServer(forgetful());
    const { verdict, severity, facts } = await probed("replay", [server]);
    assertEquals([verdict, severity], ["fail", "high"]);
    assertEquals(facts, {
      replays: 3,
      accepted: 3,
      httpStatuses: [200, 200, 200],
    });
  });

  it("replay: warns if HTTP asks for it after the handshake", async () => {
    using server = new LibsslServer(forgetful({
      answer: () => new TextEncoder().encode("HTTP/1.1 425 Too Early\r\n\r\n"),
    }));
    const { verdict, severity } = await probed("replay", [server]);
    assertEquals([verdict, severity], ["warn", "low"]);
  });

  it("replay-other-node: warns if nodes share a ticket key and no memory", async () => {
    const options = forgetful({ setUp: onceEach });
    using one = new LibsslServer(options);
    using two = new LibsslServer(options);
    assertEquals((await probed("replay", [one])).verdict, "pass");
    const { verdict, summary } = await probed("replay-other-node", [one, two]);
    assertEquals(verdict, "warn");
    assertMatch(summary, /at another node is accepted$/);
    using stranger = new LibsslServer({ ...options, seed: "stranger" });
    const found = await probed("replay-other-node", [one, stranger]);
    assertEquals(found.verdict, "pass");
  });

  it("replay-after-restart: fails if the ticket key outlives the memory", async () => {
    const options = forgetful({ setUp: onceEach });
    const servers = [new LibsslServer(options)];
    const { verdict, severity } = await probed(
      "replay-after-restart",
      servers,
      {
        change: () => void (servers[0] = new LibsslServer(options)),
      },
    );
    assertEquals([verdict, severity], ["fail", "medium"]);
  });

  it("too-much: fails if the server doesn't count", async () => {
    using server = carelessAbout("amount");
    const { verdict, facts } = await probed("too-much", [server]);
    assertEquals(verdict, "fail");
    assertEquals(facts, {
      maxEarlyDataBytes: MAX_EARLY_DATA,
      sentBytes: MAX_EARLY_DATA + 1,
    });
  });

  it("other-alpn: fails if the server doesn't compare protocols", async () => {
    using server = carelessAbout("alpn", { setUp: selectsAny });
    const { verdict, facts } = await probed("other-alpn", [server]);
    assertEquals(verdict, "fail");
    assertEquals(facts, { sessionAlpn: "h2", offeredAlpn: "http/1.1" });
  });

  it("other-name: fails at a name of another certificate", async () => {
    using server = new LibsslServer(eager({ setUp: isTwoHosts }));
    const { verdict, severity, facts } = await probed("other-name", [server], {
      names: NAMES,
    });
    assertEquals([verdict, severity], ["fail", "high"]);
    assertEquals(facts, { sameCertificate: false });
  });

  it("hello-retry-request: fails if early data isn't skipped", async () => {
    using server = new LibsslServer(eager({
      onBytes: (bytes) => hasRareShare(bytes) ? stumbling(bytes) : bytes,
    }));
    const { verdict, severity } = await probed("hello-retry-request", [server]);
    assertEquals([verdict, severity], ["fail", "medium"]);
  });

  it("hello-retry-request: fails if early data is answered", async () => {
    const retried = new WeakSet<object>();
    using server = new LibsslServer(eager({
      onBytes(bytes, connection): Uint8Array {
        if (hasRareShare(bytes) && hasEarlyData(bytes)) retried.add(connection);
        return bytes;
      },
      onOpen: (connection) =>
        retried.has(connection)
          ? new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n")
          : undefined,
    }));
    const { verdict, severity } = await probed("hello-retry-request", [server]);
    assertEquals([verdict, severity], ["fail", "high"]);
  });

  it("second-hello: fails if a server goes on", async () => {
    using server = new LibsslServer(eager());
    const front = helloFront(server, { refused: (_, n) => n === 1 ? 0 : null });
    const found = await verdictsOf(front, "early-data/second-hello");
    assertEquals(found, { "tls1.3": "fail" });
  });

  it("expired: fails if the server doesn't look at the time", async () => {
    using server = carelessAbout("expiry");
    assertEquals((await probed("expired", [server])).verdict, "fail");
  });

  it("ticket-age: fails if ages aren't compared and replays accepted", async () => {
    using server = carelessAbout("age");
    const { verdict, facts } = await probed("ticket-age", [server]);
    assertEquals([verdict, facts], ["fail", { acceptedAgain: true }]);
    using once = carelessAbout("age", { setUp: onceEach });
    assertEquals((await probed("ticket-age", [once])).verdict, "warn");
  });
});

const APPLICATION_DATA = 23;
const HANDSHAKE = 22;

/** Where records begin. */
function recordsOf(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    starts.push(at);
    at += 5 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(at + 3);
  }
  return starts;
}

/** Whether a flight that begins with a hello has early data. */
function hasEarlyData(bytes: Uint8Array): boolean {
  return bytes[0] === HANDSHAKE &&
    recordsOf(bytes).some((at) => bytes[at] === APPLICATION_DATA);
}

/** Whether a hello has a key share of ML-KEM-512. */
function hasRareShare(bytes: Uint8Array): boolean {
  return toHex(bytes).includes("02000320");
}

/** A flight whose early data a server takes for something else. */
function stumbling(bytes: Uint8Array): Uint8Array {
  const flight = bytes.slice();
  for (const at of recordsOf(flight)) {
    if (flight[at] === APPLICATION_DATA) flight[at] = HANDSHAKE;
  }
  return flight;
}
