import { concat } from "../../src/internal/bytes.ts";
import { http2Request, http2Status } from "../../src/audit/http2.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createServer } from "node:http2";
import { connect } from "node:net";

const SETTINGS = [0, 0, 0, 4, 0, 0, 0, 0, 0];

/** A frame of headers after one of settings. */
function answer(block: readonly number[], flags = 4): Uint8Array {
  const header = [0, 0, block.length, 1, flags, 0, 0, 0, 1];
  return Uint8Array.of(...SETTINGS, ...header, ...block);
}

describe("http2Status", () => {
  it("reads statuses of the static table, and literal ones", () => {
    const plain = [..."421"].map((digit) => digit.charCodeAt(0));
    const cases: [number | null, number[]][] = [
      [200, [0x88]],
      [400, [0x8c]],
      [403, [0x08, 3, ...plain.with(1, 48).with(2, 51)]],
      [421, [0x48, 3, ...plain]],
      // Huffman: 4 is 011010, 2 is 00010, 1 is 00001; the rest is ones.
      [421, [0x18, 0x83, 0b01101000, 0b01000001, 0xff]],
      [496, [0x08, 0x83, 0b01101001, 0b11110111, 0b00111111]],
      // After changes of the table's size: 0, and 31 + 128.
      [404, [0x20, 0x3f, 0x80, 0x01, 0x8d]],
      [null, [0x81]],
      [null, [0x04, 1, 47]],
      [null, [0x48, 3, 0, 0, 0]],
      [null, []],
    ];
    for (const [status, block] of cases) {
      assertEquals(http2Status(answer(block)), status, String(block));
    }
  });

  it("skips padding and priority", () => {
    const padded = [2, 0, 0, 0, 0, 0, 0x88, 0, 0];
    assertEquals(http2Status(answer(padded, 4 | 8 | 32)), 200);
  });

  it("finds none where there is none", () => {
    const whole = answer([0x88]);
    for (let end = 0; end < whole.length; end++) {
      assertEquals(http2Status(whole.subarray(0, end)), null);
    }
    const text = new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n");
    assertEquals(http2Status(text), null);
  });
});

describe("http2Request", () => {
  it("is understood and answered by Node's server", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.authority === "a.example" ? 421 : 200;
      response.end(request.url);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      assertEquals(await statusAt(port, "a.example"), 421);
      assertEquals(await statusAt(port, "[2001:db8::1]"), 200);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  async function statusAt(port: number, host: string): Promise<number | null> {
    const socket = connect(port, "127.0.0.1");
    socket.write(http2Request(host));
    const chunks: Uint8Array[] = [];
    for await (const chunk of socket) {
      chunks.push(chunk);
      const status = http2Status(concat(chunks));
      if (status !== null) return status;
    }
    return null;
  }
});
