import type { Endpoint } from "../../src/testing/endpoint.ts";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsEngine } from "@sesame/tls";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { connections } from "../../src/tls/engine/connection.ts";
import {
  type Trace,
  type TraceEvent,
  TraceRecorder,
} from "../../src/testing/trace.ts";
import { TracedLab } from "../support/traced.ts";

const lab = new TracedLab();
const TLS12 = { maxVersion: "TLSv1.2" } as const;

/** Who sent which handshake messages, in order. */
function namesOf(trace: Trace): string[] {
  return trace.messages().map(({ from, message }) => `${from} ${message.name}`);
}

describe("TraceRecorder", () => {
  it("takes each message down once, from its sender", () => {
    using traced = lab.connect();
    assertEquals(namesOf(traced.trace), [
      "client ClientHello",
      "server ServerHello",
      "server EncryptedExtensions",
      "server Certificate",
      "server CertificateVerify",
      "server Finished",
      "client Finished",
      "server NewSessionTicket",
      "server NewSessionTicket",
    ]);
    const { events } = traced.trace;
    assertEquals(events.map(({ n }) => n), [...events.keys()]);
    for (const event of events) {
      if (event.type === "record" || event.type === "note") continue;
      assertEquals(event.arrival, "received");
      assert(event.receivedAt !== null && event.receivedAt >= event.at);
    }
  });

  it("knows what was encrypted", () => {
    for (
      const [client, clear] of [
        [{}, ["ClientHello", "ServerHello"]],
        [TLS12, [
          "ClientHello",
          "ServerHello",
          "Certificate",
          "ServerKeyExchange",
          "ServerHelloDone",
          "ClientKeyExchange",
          "NewSessionTicket",
        ]],
      ] as const
    ) {
      using traced = lab.connect({ client });
      traced.client.close();
      traced.exchange();
      const messages = traced.trace.messages();
      assertEquals(
        messages.filter(({ encrypted }) => !encrypted)
          .map(({ message }) => message.name),
        [...clear],
      );
      const [alert] = alertsOf(traced.trace);
      assertEquals(alert?.name, "close_notify");
      assertEquals(alert?.encrypted, true);
    }
  });

  it("sees the same by a listener that is set before the end is made", () => {
    const server = lab.server();
    const recorder = new TraceRecorder({ clock: lab.clock });
    using watched = lab.open({}, server);
    using engine = new TlsEngine(server, { role: "server" });
    const { libssl, ssl } = connections.get(engine);
    const listener = recorder.listener("server");
    let calls = 0;
    libssl.SSL_set_msg_callback(ssl, (written, version, type, bytes) => {
      calls++;
      listener(written, version, type, bytes);
    });
    recorder.watch("server", engine);
    const hello = watched.client.send();
    recorder.wire("client", hello, "delivered");
    engine.receive(hello);
    recorder.wire("server", engine.send(), "delivered");
    assert(calls > 6, "the callback was replaced");
    assertEquals(namesOf(recorder.trace).slice(1), [
      "server ServerHello",
      "server EncryptedExtensions",
      "server Certificate",
      "server CertificateVerify",
      "server Finished",
    ]);
    // Nobody watches the client: its hello is known from who read it.
    const [read] = recorder.trace.messages({ name: "ClientHello" });
    assertEquals(read?.arrival, "injected");
    assertEquals(read?.from, "client");
  });

  it("takes early data down", () => {
    const server = lab.server({
      sessions: new MemorySessionStore({ now: lab.clock.now }),
      singleUse: true,
      maxEarlyData: 1000,
    });
    const session = lab.session(server);
    const earlyData = new Uint8Array(100);
    using traced = lab.connect({ engine: { session, earlyData } }, server);
    assertEquals(traced.server.readEarlyData(), earlyData);
    const { trace } = traced;
    const [data] = trace.events.filter(({ type }) =>
      type === "application_data"
    );
    assert(data?.type === "application_data");
    assertEquals(data.early, true);
    assertEquals(data.arrival, "received");
    assertEquals(data.from, "client");
    assert(namesOf(trace).includes("client EndOfEarlyData"));
  });

  it("knows refused early data as not received", () => {
    const sessions = new MemorySessionStore({ now: lab.clock.now });
    const server = lab.server({
      sessions,
      singleUse: true,
      maxEarlyData: 1000,
    });
    const session = lab.session(server);
    const other = lab.server();
    using traced = lab.connect({
      engine: { session, earlyData: new Uint8Array(100) },
    }, other);
    assertEquals(traced.server.state, "open");
    const data = traced.trace.events.find(({ type }) =>
      type === "application_data"
    );
    assert(data?.type === "application_data");
    assertEquals(data.arrival, "missing");
    const [finished] = traced.trace.messages({
      from: "client",
      name: "Finished",
    });
    assertEquals(finished?.arrival, "received");
  });

  it("takes application data down, in both versions", () => {
    for (const client of [{}, TLS12]) {
      using traced = lab.connect({ client });
      const before = traced.trace.events.length;
      traced.client.write(new Uint8Array(20_000));
      traced.server.write(new Uint8Array(10));
      traced.exchange();
      const data = traced.trace.events.slice(before)
        .filter(({ type }) => type === "application_data");
      assertEquals(data.map(({ from }) => from).sort(), [
        "client",
        "client",
        "server",
      ]);
      for (const event of data) {
        assert(event.type === "application_data");
        assertEquals([event.arrival, event.early], ["received", false]);
        assert(event.length > 10);
      }
    }
  });

  it("takes a KeyUpdate down", () => {
    using traced = lab.connect();
    traced.client.updateKeys();
    traced.exchange();
    const [update] = traced.trace.messages({ name: "KeyUpdate" });
    assertEquals(update?.message.requested, false);
    assertEquals(update?.arrival, "received");
  });

  it("tells what was altered, what is missing and what nobody sent", () => {
    using traced = lab.open();
    const hello = traced.client.send();
    const altered = hello.with(12, (hello[12] ?? 0) ^ 1);
    traced.recorder.wire("client", altered, "corrupted");
    traced.server.receive(altered);
    const [first] = traced.trace.messages();
    assertEquals(first?.arrival, "altered");
    assertEquals(first?.altered?.name, "ClientHello");
    assertNotEquals(first?.altered, first?.message);

    const flight = traced.server.send();
    traced.recorder.wire("server", flight, "dropped");
    const [serverHello] = traced.trace.messages({ name: "ServerHello" });
    assertEquals(serverHello?.arrival, "missing");
    assertEquals(serverHello?.receivedAt, null);
  });

  it("takes the time of sending and of receiving from the clock", () => {
    using traced = lab.open();
    lab.clock.advance(5);
    const hello = traced.client.send();
    lab.clock.advance(70);
    traced.server.receive(hello);
    const [first, second] = traced.trace.messages();
    assertEquals([first?.at, first?.receivedAt], [0, 75]);
    assertEquals(second?.at, 75);
  });

  it("takes records down whatever pieces they come in", () => {
    using traced = lab.open();
    const hello = traced.client.send();
    for (const byte of hello) {
      const piece = new Uint8Array([byte]);
      traced.recorder.wire("client", piece, "delivered");
      traced.server.receive(piece);
      // What is given is copied.
      piece.fill(0);
    }
    const records = recordsOf(traced.trace);
    assertEquals(records.length, 1);
    assertEquals(records[0]?.contentType, "handshake");
    assertEquals(records[0]?.version, "TLSv1");
    assertEquals(records[0]?.length, hello.length - 5);
    assertEquals(records[0]?.status, "delivered");
    const piece = 7;
    assertEquals(traced.trace.transcript.length, hello.length * piece);
    assertEquals(traced.trace.transcript[6], hello[0]);
  });

  it("takes options of their types only", () => {
    assertThrows(
      () => new TraceRecorder({ clock: {} as never }),
      TypeError,
      "options.clock must have a method now, received an object",
    );
    assertThrows(
      () => new TraceRecorder({ redact: 1 as never }),
      TypeError,
      "options.redact must be a boolean, received 1",
    );
  });
});

type Alert = Extract<TraceEvent, { type: "alert" }>;
type Recorded = Extract<TraceEvent, { type: "record" }>;

function alertsOf(trace: Trace, from?: Endpoint): Alert[] {
  return trace.events.filter((event) => event.type === "alert")
    .filter((alert) => from === undefined || alert.from === from);
}

function recordsOf(trace: Trace): Recorded[] {
  return trace.events.filter((event) => event.type === "record");
}
