/** The network of `@sesame/tls/testing` by itself: bytes in, deliveries out. */
import type { Endpoint } from "../../src/testing/endpoint.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VirtualClock } from "../../src/testing/clock.ts";
import { seededEntropy } from "../../src/testing/entropy.ts";
import { Network, type NetworkOptions } from "../../src/testing/network.ts";

/** A network, its clock, and what its observer was told. */
function newNetwork(options: NetworkOptions = {}): {
  network: Network;
  clock: VirtualClock;
  told: [Endpoint, string, string][];
  notes: string[];
} {
  const clock = new VirtualClock(0);
  const told: [Endpoint, string, string][] = [];
  const notes: string[] = [];
  const network = new Network(options, {
    clock,
    observer: {
      wire: (from, bytes, status) => told.push([from, text(bytes), status]),
      note: (note) => notes.push(note),
    },
  });
  return { network, clock, told, notes };
}

function bytes(said: string): Uint8Array {
  return new TextEncoder().encode(said);
}

function text(said: Uint8Array): string {
  return String.fromCharCode(...said);
}

/** All that is due, as `server: abc`. */
function due(network: Network, to?: Endpoint): string[] {
  const all: string[] = [];
  for (let next = network.deliver(to); next; next = network.deliver(to)) {
    const what = next.kind === "bytes" ? text(next.bytes) : `<${next.kind}>`;
    all.push(`${next.to}: ${what}`);
  }
  return all;
}

describe("Network", () => {
  it("carries bytes each way at once, as they were sent", () => {
    const { network, told } = newNetwork();
    network.send("client", bytes("hello"));
    network.send("client", bytes(" there"));
    network.send("server", bytes("ho"));
    network.send("server", bytes(""));
    assertEquals(network.underway("server"), 11);
    assertEquals(due(network), [
      "server: hello",
      "server:  there",
      "client: ho",
    ]);
    assertEquals(network.underway("server"), 0);
    assertEquals(network.arrival(), null);
    assertEquals(told, [
      ["client", "hello", "delivered"],
      ["client", " there", "delivered"],
      ["server", "ho", "delivered"],
    ]);
  });

  it("keeps bytes of its own", () => {
    const { network } = newNetwork();
    const sent = bytes("abc");
    network.send("client", sent);
    sent.fill(0);
    network.captured.toServer.fill(0);
    const delivery = network.deliver();
    assertEquals(delivery?.kind === "bytes" && text(delivery.bytes), "abc");
    if (delivery?.kind === "bytes") delivery.bytes.fill(0);
    assertEquals(text(network.captured.toServer), "abc");
  });

  it("carries to one end alone, if asked", () => {
    const { network } = newNetwork();
    network.send("client", bytes("a"));
    network.send("server", bytes("b"));
    assertEquals(due(network, "client"), ["client: b"]);
    assertEquals(network.arrival("client"), null);
    assertEquals(network.arrival("server"), 0);
    assertEquals(due(network), ["server: a"]);
  });

  it("takes time by the clock, and tells when something arrives", () => {
    const { network, clock } = newNetwork({ delay: 50 });
    network.send("client", bytes("a"));
    clock.advance(20);
    network.send("server", bytes("b"));
    assertEquals(network.arrival(), 50);
    assertEquals(network.arrival("client"), 70);
    clock.advance(29);
    assertEquals(due(network), []);
    clock.advance(1);
    assertEquals(due(network), ["server: a"]);
    clock.advance(20);
    assertEquals(due(network), ["client: b"]);
  });

  it("never lets a piece overtake another", () => {
    const entropy = seededEntropy("delays");
    const delay = (): number => {
      const out = new Uint8Array(1);
      entropy(out);
      return out[0] ?? 0;
    };
    const { network, clock } = newNetwork({ delay, fragment: 3 });
    const sent: string[] = [];
    for (let i = 0; i < 100; i++) {
      sent.push(`<${i}>`);
      network.send("client", bytes(`<${i}>`));
      clock.advance(i % 7);
    }
    const arrived: string[] = [];
    let last = 0;
    for (
      let at = network.arrival();
      at !== null;
      at = network.arrival()
    ) {
      assertEquals(at >= last, true);
      last = at;
      if (at > clock.now()) clock.set(at);
      arrived.push(...due(network).map((line) => line.replace(/^.*: /, "")));
    }
    assertEquals(arrived.join(""), sent.join(""));
  });

  it("asks for the delay of each piece once, by its number in its direction", () => {
    const asked: number[] = [];
    const { network, clock } = newNetwork({
      fragment: 2,
      delay: (n) => {
        asked.push(n);
        return n * 10;
      },
    });
    network.send("client", bytes("abcde"));
    for (const [at, what] of [[0, "ab"], [10, "cd"], [20, "e"]] as const) {
      assertEquals(network.arrival(), at);
      assertEquals(network.arrival(), at);
      clock.set(at);
      assertEquals(due(network), [`server: ${what}`]);
    }
    assertEquals(asked, [0, 1, 2]);
  });

  it("ends a direction after its bytes; the other goes on", () => {
    const { network } = newNetwork({ fragment: 2 });
    network.send("client", bytes("abc"));
    network.end("client");
    network.end("client");
    network.send("client", bytes("d"));
    network.send("server", bytes("e"));
    assertEquals(due(network), [
      "server: ab",
      "server: c",
      "server: <end>",
      "client: e",
    ]);
    assertEquals(network.isDead, false);
  });

  for (const kind of ["end", "reset"] as const) {
    it(`delays what an end does as it does bytes: ${kind}`, () => {
      const { network, clock } = newNetwork({ delay: 50 });
      network.send("client", bytes("a"));
      clock.advance(20);
      network[kind]("client");
      assertEquals(network.arrival(), 50);
      clock.advance(30);
      assertEquals(due(network), ["server: a"]);
      assertEquals(network.arrival(), 70);
      clock.advance(19);
      assertEquals(due(network), []);
      clock.advance(1);
      assertEquals(due(network, "server"), [`server: <${kind}>`]);
    });
  }

  it("resets both directions when an end gives up, after what it has sent", () => {
    const { network, told } = newNetwork();
    network.send("client", bytes("a"));
    network.reset("client");
    network.send("server", bytes("b"));
    assertEquals(due(network, "server"), ["server: a", "server: <reset>"]);
    assertEquals(network.isDead, true);
    assertEquals(network.arrival("client"), 0);
    assertEquals(due(network, "client"), ["client: <reset>"]);
    network.send("client", bytes("c"));
    network.end("server");
    network.reset("server");
    assertEquals(due(network), []);
    assertEquals(told, [
      ["client", "a", "delivered"],
      ["server", "b", "dropped"],
      ["client", "c", "dropped"],
    ]);
  });

  it("loses what an end doesn't want", () => {
    const { network, told } = newNetwork();
    network.send("client", bytes("a"));
    network.refuse("server");
    network.send("client", bytes("b"));
    network.send("server", bytes("c"));
    assertEquals(due(network), ["client: c"]);
    assertEquals(told.slice(0, 2), [
      ["client", "a", "dropped"],
      ["client", "b", "dropped"],
    ]);
  });
});

describe("A network's faults", () => {
  it("change the byte that was meant, whatever the pieces, and tell", () => {
    for (const fragment of [1, 2, 3, 100]) {
      for (let at = 0; at < 6; at++) {
        const { network, told, notes } = newNetwork({
          fragment,
          toServer: { corrupt: { at, xor: 0x20 } },
        });
        network.send("client", bytes("abc"));
        network.send("client", bytes("def"));
        network.send("server", bytes("abcdef"));
        const expected = [..."abcdef"].with(at, "ABCDEF"[at] ?? "").join("");
        const arrived = due(network, "server").map((line) => line.slice(8));
        assertEquals(arrived.join(""), expected);
        assertEquals(
          due(network).map((line) => line.slice(8)).join(""),
          "abcdef",
        );
        const spoilt = told.filter(([, , status]) => status === "corrupted");
        assertEquals(spoilt.length, 1);
        assertEquals(spoilt[0]?.[1].includes("ABCDEF"[at] ?? "?"), true);
        assertEquals(notes.length, 1);
        assertEquals(text(network.captured.toServer), "abcdef");
      }
    }
  });

  it("change one bit unless told", () => {
    const { network, notes } = newNetwork({ toClient: { corrupt: { at: 0 } } });
    network.send("server", new Uint8Array([0x10]));
    const delivery = network.deliver();
    assertEquals(delivery?.kind === "bytes" && delivery.bytes[0], 0x11);
    assertEquals(notes, [
      "To the client: byte 0 is changed from 0x10 to 0x11",
    ]);
  });

  it("end a direction after any number of bytes", () => {
    for (let at = 0; at <= 4; at++) {
      const { network, told } = newNetwork({ toServer: { truncate: { at } } });
      network.send("client", bytes("ab"));
      network.send("client", bytes("cd"));
      network.send("client", bytes("ef"));
      network.end("client");
      network.send("server", bytes("x"));
      const arrived = due(network, "server");
      assertEquals(
        arrived.map((line) => line.slice(8)).join(""),
        `${"abcd".slice(0, at)}<end>`,
      );
      assertEquals(due(network), ["client: x"]);
      const lost = told.filter(([, , status]) => status === "truncated");
      assertEquals(
        lost.map(([, what]) => what).join(""),
        "abcdef".slice(at),
      );
      // What became of the bytes is told in the order of the bytes.
      const all = told.filter(([from]) => from === "client");
      assertEquals(all.map(([, what]) => what).join(""), "abcdef");
    }
  });

  it("reset the connection after any number of bytes", () => {
    for (let atByte = 0; atByte <= 4; atByte++) {
      const { network, told, clock } = newNetwork({
        delay: 10,
        toServer: { drop: { atByte } },
      });
      network.send("client", bytes("ab"));
      clock.advance(5);
      network.send("server", bytes("late"));
      network.send("client", bytes("cd"));
      network.send("client", bytes("ef"));
      clock.advance(10);
      const all = due(network, "server").join().replaceAll(/,?server: /g, "");
      assertEquals(all, `${"abcd".slice(0, atByte)}<reset>`);
      assertEquals(due(network), ["client: <reset>"]);
      const mine = told.filter(([from]) => from === "client");
      assertEquals(mine.map(([, what]) => what).join(""), "abcdef");
      assertEquals(told.filter(([from]) => from === "server"), [
        ["server", "late", "dropped"],
      ]);
    }
  });

  it("take the first of two cuts", () => {
    const { network } = newNetwork({
      toServer: { truncate: { at: 3 }, drop: { atByte: 1 } },
    });
    network.send("client", bytes("abcd"));
    assertEquals(due(network), [
      "server: a",
      "server: <reset>",
      "client: <reset>",
    ]);
  });

  it("count handshake messages as they are announced", () => {
    const { network } = newNetwork({ toServer: { drop: { atMessage: 1 } } });
    network.announceMessage("client", 0);
    network.send("client", bytes("first"));
    network.announceMessage("server", 0);
    network.announceMessage("server", 1);
    network.send("server", bytes("xy"));
    assertEquals(due(network, "client"), ["client: xy"]);
    network.announceMessage("client", 7);
    network.send("client", bytes("??second"));
    assertEquals(due(network), [
      "server: first",
      "server: ??",
      "server: <reset>",
      "client: <reset>",
    ]);
  });

  it("take the first of two cuts, also where one is at a message", () => {
    for (const [at, cut] of [[2, "ab,<end>"], [5, "abc,<reset>"]] as const) {
      const { network } = newNetwork({
        toServer: { truncate: { at }, drop: { atMessage: 1 } },
      });
      network.announceMessage("client", 0);
      network.announceMessage("client", 3);
      network.send("client", bytes("abcdef"));
      const arrived = due(network, "server").map((line) => line.slice(8));
      assertEquals(arrived.join(), cut);
    }
  });

  it("change a byte of a message, behind the record's header", () => {
    for (const byte of [undefined, 0, 2]) {
      const at = { message: 1, ...(byte !== undefined && { byte }) };
      const { network } = newNetwork({
        toServer: { corrupt: { at, xor: 0x20 } },
      });
      network.announceMessage("client", 0);
      network.announceMessage("client", 2);
      network.send("client", bytes("..HEADRabc"));
      const changed = byte === 2 ? "abC" : "Abc";
      assertEquals(due(network), [`server: ..HEADR${changed}`]);
    }
  });

  it("replay what was captured, in place of what the end sends", () => {
    const replay = {
      toServer: new Uint8Array(bytes("old")),
      toClient: new Uint8Array(bytes("OLD")),
    };
    const { network, told } = newNetwork({ fragment: 2, toServer: { replay } });
    network.send("client", bytes("new"));
    network.end("client");
    network.send("server", bytes("answer"));
    assertEquals(due(network, "server"), ["server: ol", "server: d"]);
    assertEquals(due(network).length, 3);
    assertEquals(text(network.captured.toServer), "new");
    assertEquals(told.filter(([from]) => from === "client"), [
      ["client", "ol", "replayed"],
      ["client", "d", "replayed"],
      ["client", "new", "dropped"],
    ]);
    const back = newNetwork({ toClient: { replay } });
    assertEquals(due(back.network), ["client: OLD"]);
  });

  it("apply to what is replayed", () => {
    const replay = newNetwork().network.captured;
    const capture = { ...replay, toServer: new Uint8Array(bytes("abcdef")) };
    const { network, told } = newNetwork({
      toServer: {
        replay: capture,
        corrupt: { at: 1, xor: 0x20 },
        truncate: { at: 3 },
      },
    });
    assertEquals(due(network), ["server: aBc", "server: <end>"]);
    assertEquals(told, [["client", "aBc", "replayed"]]);
  });
});

describe("A network's options", () => {
  const wrong: [string, unknown, string][] = [
    ["TypeError", null, "options must be an object, received null"],
    [
      "TypeError",
      { dely: 1 },
      "options.dely is not an option of Network: did you mean delay?",
    ],
    [
      "TypeError",
      { delay: "1" },
      'options.delay must be a number or a function, received "1"',
    ],
    [
      "RangeError",
      { delay: -1 },
      "options.delay must be a finite number of at least 0, received -1",
    ],
    [
      "RangeError",
      { fragment: 0 },
      "options.fragment must be a whole number of at least 1, received 0",
    ],
    [
      "TypeError",
      { fragment: "1" },
      'options.fragment must be a number, received "1"',
    ],
    [
      "TypeError",
      { toServer: 1 },
      "options.toServer must be an object, received 1",
    ],
    [
      "TypeError",
      { toServer: { delay: 1 } },
      "options.toServer.delay is not an option of a direction",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: -1 } } },
      "options.toServer.corrupt.at must be a whole number of at least 0, received -1",
    ],
    [
      "TypeError",
      { toClient: { corrupt: {} } },
      "options.toClient.corrupt.at must be a number, received undefined",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: 0, xor: 0 } } },
      "options.toServer.corrupt.xor must be a whole number from 1 to 255, received 0",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: { message: 0.5 } } } },
      "options.toServer.corrupt.at.message must be a whole number of at least 0, received 0.5",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: { message: 0, byte: -1 } } } },
      "options.toServer.corrupt.at.byte must be a whole number of at least 0, received -1",
    ],
    [
      "RangeError",
      { toServer: { truncate: { at: NaN } } },
      "options.toServer.truncate.at must be a whole number of at least 0, received NaN",
    ],
    [
      "TypeError",
      { toServer: { drop: {} } },
      "options.toServer.drop must have either atByte or atMessage",
    ],
    [
      "TypeError",
      { toServer: { drop: { atByte: 1, atMessage: 1 } } },
      "options.toServer.drop must have either atByte or atMessage",
    ],
    [
      "RangeError",
      { toServer: { drop: { atMessage: -1 } } },
      "options.toServer.drop.atMessage must be a whole number of at least 0, received -1",
    ],
    [
      "TypeError",
      { toServer: { replay: {} } },
      "options.toServer.replay must be a Capture, such as network.captured, received an object",
    ],
    [
      "TypeError",
      {
        toServer: {
          replay: newNetwork().network.captured,
          drop: { atMessage: 0 },
        },
      },
      "options.toServer.replay can't be combined with the position of a handshake message: replayed bytes have no messages",
    ],
  ];
  for (const [name, options, message] of wrong) {
    it(`are refused: ${message}`, () => {
      const error = assertThrows(
        () => newNetwork(options as NetworkOptions),
        Error,
      );
      assertEquals([error.name, error.message], [name, message]);
    });
  }

  it("are refused when a delay's function gives nonsense", () => {
    for (const delay of [NaN, -1, Infinity]) {
      const { network } = newNetwork({ delay: () => delay });
      network.send("client", bytes("a"));
      assertThrows(
        () => network.deliver(),
        RangeError,
        `options.delay must return a finite number of at least 0, received ${delay}`,
      );
    }
  });
});
