/** The network of `@sesame/tls/testing` by itself: bytes in, deliveries out. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { seededEntropy } from "../../src/testing/entropy.ts";
import { bytes, due, newNetwork, text } from "./network/setup.ts";

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
