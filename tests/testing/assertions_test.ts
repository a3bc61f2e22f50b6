import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { alertInWords, ALERTS } from "../../src/testing/trace/names.ts";
import {
  assertAlert,
  assertFlight,
  AssertionError,
  assertNotResumed,
  assertResumed,
} from "../../src/testing/assertions.ts";
import { TraceRecorder } from "../../src/testing/trace.ts";
import { type Traced, TracedLab } from "../support/traced.ts";

const lab = new TracedLab();
const server = lab.server({
  sessions: new MemorySessionStore({ now: lab.clock.now }),
});

function full(): Traced {
  return lab.connect({}, server);
}

function resumed(): Traced {
  return lab.connect({ engine: { session: lab.session(server) } }, server);
}

/** What an assertion says: it ends with the ladder, which ends with the seed. */
function complaint(assertion: () => void, { trace }: Traced): string {
  const error = assertThrows(assertion, AssertionError);
  assertEquals(error.name, "AssertionError");
  const ladder = `\n\n${trace.toLadder()}`;
  assert(error.message.endsWith(ladder), error.message);
  assert(error.message.endsWith('\nseed: "traced"'), error.message);
  return error.message.slice(0, -ladder.length);
}

describe("assertResumed()", () => {
  it("passes when a session was resumed, from where it should be", () => {
    using traced = resumed();
    assertResumed(traced);
    assertResumed(traced.trace);
    assertResumed(traced, "store");
    assertResumed(traced, "session");
  });

  it("fails when it came from elsewhere", () => {
    using traced = resumed();
    assertEquals(
      complaint(() => assertResumed(traced, "ticket"), traced),
      "Expected a session to be resumed from ticket, found: resumed from store and session",
    );
  });

  it("fails when none was resumed, or the handshake isn't done", () => {
    using traced = full();
    assertEquals(
      complaint(() => assertResumed(traced, "store"), traced),
      "Expected the server to resume a session from store, found: not resumed: none-offered",
    );
    using open = lab.open({}, server);
    assertEquals(
      complaint(() => assertResumed(open), open),
      "Expected the server to resume a session, found: no complete handshake",
    );
  });

  it("needs an end to look at", () => {
    const { trace } = new TraceRecorder();
    assertThrows(
      () => assertResumed(trace),
      TypeError,
      "The trace's recorder watches neither end",
    );
  });
});

describe("assertNotResumed()", () => {
  it("passes when none was resumed, for the reason that it should be", () => {
    using traced = full();
    assertNotResumed(traced);
    assertNotResumed(traced.trace, "none-offered");
    using declined = lab.connect({
      engine: { session: lab.session(server) },
    }, lab.server({ tickets: "off" }));
    assertNotResumed(declined, "server-declined");
    assertNotResumed(declined, "disabled");
  });

  it("fails when it was for another reason", () => {
    using traced = full();
    assertEquals(
      complaint(() => assertNotResumed(traced, "expired"), traced),
      "Expected no session to be resumed, because of expired, found: " +
        "not resumed: none-offered and none-offered",
    );
  });

  it("fails when one was resumed, or the handshake isn't done", () => {
    using traced = resumed();
    assertEquals(
      complaint(() => assertNotResumed(traced), traced),
      "Expected the server to resume no session, found: resumed from store",
    );
    using open = lab.open({}, server);
    assertEquals(
      complaint(() => assertNotResumed(open), open),
      "Expected the server to resume no session, found: no complete handshake",
    );
  });
});

describe("assertAlert()", () => {
  it("passes when the end sent it, whether it arrived or not", () => {
    using traced = lab.connect({ engine: { hostname: "example.com" } });
    assertAlert(traced, "client", "bad_certificate");
    assertAlert(traced, "client", "bad certificate");
    assertAlert(traced, "client", "Bad_Certificate");
    using lost = lab.connect({
      engine: { hostname: "example.com" },
      meddler: (from, bytes) => ({
        bytes,
        status: from === "client" && bytes.length < 100
          ? "dropped"
          : "delivered",
      }),
    });
    assertAlert(lost.trace, "client", "bad_certificate");
  });

  it("fails when it was another, another end's, or none", () => {
    using traced = lab.connect({ engine: { hostname: "example.com" } });
    assertEquals(
      complaint(() => assertAlert(traced, "client", "unknown_ca"), traced),
      'Expected the client to send the alert unknown_ca ("unknown CA"), found: ' +
        'bad_certificate ("bad certificate") from the client',
    );
    complaint(() => assertAlert(traced, "server", "bad_certificate"), traced);
    using good = full();
    assertEquals(
      complaint(() => assertAlert(good, "server", "close_notify"), good),
      'Expected the server to send the alert close_notify ("close notify"), found: no alert',
    );
  });

  it("knows which alerts there are", () => {
    using traced = full();
    assertThrows(
      () => assertAlert(traced, "client", "bad weather"),
      TypeError,
      'name must be the name of an alert, received "bad weather"',
    );
  });

  it("words them as OpenSSL does", () => {
    for (const [code, name] of ALERTS) {
      const words = lab.clientSsl.libssl.SSL_alert_desc_string_long(code);
      if (words !== "unknown") assertEquals(alertInWords(name), words);
    }
  });
});

describe("assertFlight()", () => {
  const FLIGHT = ["ServerHello", "EncryptedExtensions", "Finished"];

  it("passes when one flight has just these", () => {
    using traced = resumed();
    assertFlight(traced, FLIGHT);
    assertFlight(traced.trace, FLIGHT, "server");
    assertFlight(traced, ["ChangeCipherSpec", "Finished"], "client");
    assertFlight(traced, ["Finished"], "client");
    traced.client.write(new Uint8Array(1));
    traced.client.close();
    traced.exchange();
    assertFlight(traced, ["close_notify"], "client");
    assertFlight(traced, ["ApplicationData", "close_notify"], "client");
  });

  it("fails when none has, and shows those that there are", () => {
    using traced = resumed();
    assertEquals(
      complaint(() => assertFlight(traced, FLIGHT.slice(1)), traced),
      "Expected a flight of EncryptedExtensions, Finished, found: " +
        "\n  client: ClientHello" +
        "\n  server: ServerHello, EncryptedExtensions, Finished" +
        "\n  client: Finished" +
        "\n  server: NewSessionTicket",
    );
    assertEquals(
      complaint(() => assertFlight(traced, FLIGHT, "client"), traced)
        .split("\n")[0],
      "Expected a flight of the client of ServerHello, EncryptedExtensions, " +
        "Finished, found: ",
    );
    using open = lab.open({ engine: {} }, server);
    complaint(() => assertFlight(open, FLIGHT, "server"), open);
  });
});
