/** What the playground's second tab makes of bytes, which may come from anyone. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { factsOfCapture } from "../../../docs/playground/explain/capture.ts";
import {
  explainBytes,
  type Explained,
} from "../../../docs/playground/explain/explain.ts";
import { bytesOfText } from "../../../docs/playground/explain/input.ts";
import { decodeLzma } from "../../../docs/playground/lzma.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { createTlsPair, seededEntropy } from "../../../src/testing/mod.ts";
import type { TlsPair } from "../../../src/testing/mod.ts";
import { describeWith, run, start } from "../../support/programs.ts";

const ROOT = new URL("../../../", import.meta.url);

async function connected(maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<TlsPair> {
  const pair = createTlsPair({
    seed: "explain",
    server: { maxVersion },
    network: { delay: 10 },
  });
  await pair.handshake();
  return pair;
}

function kindOf<Kind extends Explained["kind"]>(
  bytes: Uint8Array,
  kind: Kind,
): Extract<Explained, { kind: Kind }> {
  const explained = explainBytes(bytes);
  assertEquals(explained.kind, kind);
  return explained as Extract<Explained, { kind: Kind }>;
}

describe("A pasted text", () => {
  const bytes = new Uint8Array([0x16, 3, 1, 0, 0xfb, 0xff]);

  for (
    const text of [
      "16030100fbff",
      "16 03 01 00 FB FF",
      "16:03:01:00:fb:ff\n",
      "0x16, 0x03, 0x01, 0x00, 0xfb, 0xff",
      "00000000: 1603 0100 fbff                           ......",
      "0000  16 03 01 00 fb ff   ......",
      "00000000  16 03 01 00 fb ff                                 |......|",
      "FgMBAPv/",
      "FgMB\nAPv/",
      "FgMBAPv_",
    ]
  ) {
    it(`of bytes is read: ${text.trim()}`, () =>
      assertEquals(bytesOfText(text), bytes));
  }

  it("of anything else is explained as nothing", () => {
    assertEquals(
      kindOf(bytesOfText("hello, world!"), "unknown").kind,
      "unknown",
    );
    assertEquals(kindOf(bytesOfText(""), "unknown").kind, "unknown");
  });
});

describe("A hello", () => {
  for (const isRecord of [true, false]) {
    it(`is explained ${isRecord ? "in its record" : "by itself"}`, async () => {
      using pair = await connected("TLSv1.3");
      const sent = pair.network.captured.toServer;
      const end = 5 + ((sent[3] ?? 0) << 8 | (sent[4] ?? 0));
      const hello = kindOf(sent.slice(isRecord ? 0 : 5, end), "message");
      const message = hello.read(false);
      assert(message.name === "ClientHello" && !message.malformed);
      assertEquals(message.versions, ["TLSv1.3", "TLSv1.2"]);
      assertEquals(message.random.text.length, 9);
      const open = hello.read(true);
      assert(open.name === "ClientHello");
      assertEquals(open.random.text.length, 64);
    });
  }
});

describe("A session", () => {
  it("is found in a record of a store", async () => {
    const store = new MemorySessionStore({ now: () => 0 });
    using pair = createTlsPair({ server: { sessions: store } });
    await pair.handshake();
    for await (const { id } of store.entries()) {
      const { found } = kindOf(store.get(id) ?? new Uint8Array(), "session");
      assertEquals(found.form, "store record");
    }
  });
});

describeWith("openssl", "A session of openssl s_client", () => {
  it("is found in the file of -sess_out", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/session.pem`;
    await run("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost"
        .split(" "),
      "-keyout",
      `${folder}/key.pem`,
      "-out",
      `${folder}/cert.pem`,
    ]);
    await using server = start("openssl", [
      ..."s_server -accept 127.0.0.1:0 -tls1_2 -www".split(" "),
      "-cert",
      `${folder}/cert.pem`,
      "-key",
      `${folder}/key.pem`,
    ]);
    const port = (await server.printed("ACCEPT 127")).split(":").at(-1) ?? "";
    await run("openssl", [
      "s_client",
      "-connect",
      `127.0.0.1:${port}`,
      "-sess_out",
      path,
    ], "Q\n");
    const { found } = kindOf(await Deno.readFile(path), "session");
    assertEquals(found.form, "PEM");
    await Deno.remove(folder, { recursive: true });
  });
});

describe("A capture of a sandbox", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`is read up to what is encrypted, ${version}`, async () => {
      using pair = await connected(version);
      const bytes = pair.trace.toPcapng({ keyLog: true });
      const { capture, facts } = kindOf(bytes, "capture");
      assertEquals(capture.comment, "seed: explain");
      assertEquals([capture.hasGaps, capture.others], [false, 0]);
      assert(capture.keyLog.length > 0);
      const names = facts.messages.map(({ name }) => name);
      assertEquals(names.slice(0, 2), ["ClientHello", "ServerHello"]);
      assertEquals(names.includes("Certificate"), version === "TLSv1.2");
      assertEquals(facts.rows[0]?.at, 0);
      assertEquals(
        facts.rows.some((row) => row.kind === "arrow" && row.isEncrypted),
        true,
      );
    });
  }

  it("says what the network did", async () => {
    using pair = createTlsPair({
      network: { toClient: { corrupt: { at: 40 } } },
    });
    await pair.handshake();
    const { facts } = kindOf(pair.trace.toPcapng(), "capture");
    const notes = facts.rows.filter(({ kind }) => kind === "note");
    assertStringIncludes(notes[0]?.title ?? "", "corrupted");
  });
});

describe("A capture of a byte a record", () => {
  const RECORDS = 100_000;
  const WHOLE = [0, 0, 0, 0]; // HelloRequest
  const ENDLESS = [11, 3, 255, 0];

  /** How long it takes to read records of a message, or of many, in ms. */
  function timeOf(message: readonly number[], isRepeated: boolean): number {
    const bytes = Uint8Array.from({ length: RECORDS * 6 }, (_, i) => {
      const byte = Math.floor(i / 6);
      const at = isRepeated ? byte % message.length : byte;
      return [22, 3, 3, 0, 1, message[at] ?? 0][i % 6] ?? 0;
    });
    const segments = Array.from(
      { length: Math.ceil(bytes.length / 1460) },
      (_, i) => ({
        time: 0,
        from: "client" as const,
        bytes: bytes.subarray(i * 1460, (i + 1) * 1460),
        comment: null,
      }),
    );
    const start = performance.now();
    factsOfCapture({
      comment: null,
      keyLog: [],
      segments,
      others: 0,
      hasGaps: false,
    });
    return performance.now() - start;
  }

  it("takes no longer if its message doesn't end", () => {
    const honest = timeOf(WHOLE, true);
    const hostile = timeOf(ENDLESS, false);
    assert(hostile < 5 * honest, `${hostile} ms, beside ${honest} ms`);
  });
});

describe("Damaged bytes", () => {
  it("are explained without an error", async () => {
    using pair = await connected("TLSv1.2");
    const samples = [
      pair.trace.toPcapng({ keyLog: true }),
      pair.network.captured.toServer,
      pair.client.session?.toBytes() ?? new Uint8Array(),
    ];
    const random = seededEntropy("damaged");
    const dice = new Uint8Array(3);
    for (let i = 0; i < 300; i++) {
      for (const sample of samples) {
        const bytes = new Uint8Array(sample);
        random(dice);
        const [high = 0, low = 0, value = 0] = dice;
        const at = (high << 8 | low) % bytes.length;
        bytes[at] = value;
        const explained = explainBytes(
          i % 3 === 0 ? bytes.slice(0, at) : bytes,
        );
        if (explained.kind === "message") explained.read(true);
      }
    }
  });
});

describeWith("xz", "The compressed module", () => {
  it("is the module, and refuses to be damaged", async () => {
    const path = new URL("wasm/openssl.wasm", ROOT);
    const module = await Deno.readFile(path);
    const { stdout } = await new Deno.Command("xz", {
      args: ["--format=lzma", "-1", "--stdout", path.pathname],
    }).output();
    const compressed = new Uint8Array(stdout);
    new DataView(compressed.buffer).setUint32(5, module.length, true);
    assertEquals(Buffer.compare(decodeLzma(compressed), module), 0);
    for (const end of [0, 10, 17, 1000, compressed.length >> 1]) {
      let error: unknown;
      try {
        decodeLzma(compressed.subarray(0, end));
      } catch (thrown) {
        error = thrown;
      }
      assert(error instanceof RangeError, `${end} bytes`);
    }
  });
});
