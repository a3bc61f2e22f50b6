/** A network's faults: bytes that are changed, lost, replayed, and ends in the middle of them. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytes, due, newNetwork, text } from "./setup.ts";

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
