import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTls, type TlsContext, type TlsSession } from "@sesame/tls";
import { TraceRecorder } from "../../../src/testing/trace.ts";
import { TracedLab } from "../../support/traced.ts";

const lab = new TracedLab();

describe("Trace", () => {
  it("finds messages by sender and name", () => {
    using traced = lab.connect();
    const { trace } = traced;
    const [hello] = trace.messages({ name: "ServerHello" });
    assertEquals(hello?.message.version, "TLSv1.3");
    assertEquals(trace.messages({ from: "client" }).length, 2);
    assertEquals(
      trace.messages({ from: "client", name: "ServerHello" }).length,
      0,
    );
  });

  it("tells how each end stands", () => {
    using traced = lab.connect();
    const { client, server } = traced.trace.outcome;
    assertEquals(client, {
      state: "open",
      protocol: "TLSv1.3",
      cipher: "TLS_CHACHA20_POLY1305_SHA256",
      group: "X25519MLKEM768",
      alpnProtocol: null,
      resumption: { resumed: false, reason: "none-offered" },
      error: null,
    });
    assertEquals(server, client);
    const nobody = new TraceRecorder().trace.outcome;
    assertEquals(nobody, { client: null, server: null });
  });

  it("tells how each socket stands", async () => {
    for (const hostname of ["localhost", "example.com"]) {
      const recorder = new TraceRecorder();
      const toServer = new TransformStream<Uint8Array<ArrayBuffer>>();
      const toClient = new TransformStream<Uint8Array<ArrayBuffer>>();
      const server = startTls({
        readable: toServer.readable,
        writable: toClient.writable,
      }, { role: "server", context: lab.server() });
      const client = startTls({
        readable: toClient.readable,
        writable: toServer.writable,
      }, { role: "client", context: lab.client(), hostname });
      recorder.watchSocket("client", client);
      recorder.watchSocket("server", server);
      assertEquals(recorder.trace.outcome.client?.state, "handshaking");
      const isGood = hostname === "localhost";
      await Promise.allSettled([client.opened, server.opened]);
      assertEquals(
        recorder.trace.outcome.client?.state,
        isGood ? "open" : "failed",
      );
      assertEquals(
        recorder.trace.outcome.client?.resumption ?? null,
        isGood ? { resumed: false, reason: "none-offered" } : null,
      );
      await Promise.allSettled([client.close(), server.close()]);
      await Promise.allSettled([client.closed, server.closed]);
      const { state, error } = recorder.trace.outcome.client ?? {};
      assertEquals(state, isGood ? "closed" : "failed");
      assertEquals(error?.includes("hostname mismatch") ?? false, !isGood);
    }
  });

  it("shows no secrets unless told to", () => {
    const server = lab.server();
    const session = lab.session(server);
    const redacted = textsOf(lab, server, session, true);
    const open = textsOf(lab, server, session, false);
    const ticket = open.hello.at(-1) ?? "";
    assertMatch(ticket, /^[0-9a-f]{300,}$/);
    for (const text of [redacted.json, redacted.ladder, redacted.html]) {
      assertEquals(text.includes(ticket.slice(0, 16)), false);
      assertEquals(/[0-9a-f]{65}/.test(text), false);
    }
    assertMatch(redacted.hello[0] ?? "", /^[0-9a-f]{8}…$/);
    assertMatch(redacted.hello.at(-1) ?? "", /^#[0-9a-f]{8}$/);
    for (const secret of redacted.keys) {
      for (const text of [redacted.json, redacted.ladder, redacted.html]) {
        assertEquals(text.includes(secret), false);
      }
      assertEquals(open.json.includes(secret), false);
    }
    assert(redacted.keys.length >= 5);
  });

  it("keeps each line of the key log once", () => {
    using traced = lab.open();
    traced.recorder.keyLog("A 1 2");
    traced.recorder.keyLog("A 1 2");
    traced.recorder.keyLog("B 1 2");
    assertEquals(traced.trace.keyLog, "A 1 2\nB 1 2\n");
  });

  it("is the same for the same seed, byte by byte", () => {
    const [one, other, another] = ["a", "a", "b"].map((seed) => {
      using traced = new TracedLab(seed).connect();
      return traced.trace;
    });
    assert(one && other && another);
    assertEquals(one.transcript, other.transcript);
    assertEquals(JSON.stringify(one), JSON.stringify(other));
    assertEquals(one.toHtml(), other.toHtml());
    assertNotEquals(one.transcript, another.transcript);
  });

  it("is plain data in JSON", () => {
    using traced = lab.connect();
    traced.recorder.note("a note");
    const { trace } = traced;
    assertEquals(JSON.parse(JSON.stringify(trace)), {
      seed: "traced",
      events: trace.events,
      outcome: trace.outcome,
    });
  });

  it("says in flights who sent what in one go", () => {
    using traced = lab.connect();
    const { flights } = traced.trace;
    assertEquals(
      flights.map(({ from, at, records }) => [from, at, records]),
      [["client", 0, 1], ["server", 0, 6], ["client", 10, 2], [
        "server",
        20,
        2,
      ]],
    );
    const all = flights.reduce(
      (sum, { bytes }) => sum + (bytes.delivered ?? 0),
      0,
    );
    const overhead = 6 * 4;
    assertEquals(all, traced.trace.transcript.length - overhead);
  });
});

/** What is shown of a resumed handshake, and its keys. */
function textsOf(
  lab: TracedLab,
  server: TlsContext,
  session: TlsSession,
  redact: boolean,
): {
  json: string;
  ladder: string;
  html: string;
  hello: string[];
  keys: string[];
} {
  using traced = lab.connect(
    { engine: { session }, recorder: { redact } },
    server,
  );
  const { trace } = traced;
  const [hello] = trace.messages({ name: "ClientHello" });
  assert(hello);
  const { random, extensions } = hello.message;
  const identities = extensions.flatMap(({ identities = [] }) => identities);
  return {
    json: JSON.stringify(trace),
    ladder: trace.toLadder(),
    html: trace.toHtml(),
    hello: [random.text, ...identities.map(({ identity }) => identity.text)],
    keys: trace.keyLog.trim().split("\n")
      .map((line) => line.split(" ")[2] ?? ""),
  };
}
