import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeMessage } from "../../../src/testing/trace/decode.ts";
import { TraceRecorder } from "../../../src/testing/trace.ts";
import { connections } from "../../../src/tls/engine/connection.ts";
import { FuzzRandom } from "../../fuzz/random.ts";
import { FUZZ_SEED, fuzzRounds } from "../../fuzz/rounds.ts";
import {
  LEGACY,
  MODERN,
  TracedLab,
  type TracedOptions,
} from "../../support/traced.ts";

const lab = new TracedLab();
const TLS12 = { maxVersion: "TLSv1.2" } as const;
const NONE = new Uint8Array();

describe("Whatever the bytes are", () => {
  const random = new FuzzRandom(FUZZ_SEED);
  const samples = realMessages();

  it("decoding gives plain data", () => {
    assert(samples.length > 30);
    for (const _round of fuzzRounds("decoding", 6_000, 0.5)) {
      const bytes = mutated(
        samples[random.below(samples.length)] ?? NONE,
        random,
      );
      const context = random.below(2) ? MODERN : LEGACY;
      const decoded = decodeMessage(bytes, context);
      assertEquals(JSON.parse(JSON.stringify(decoded)), decoded);
    }
  });

  it("decoding ends soon, for the largest of messages too", () => {
    const sizes = [1 << 20, (1 << 24) - 1];
    for (const size of sizes) {
      for (const type of [1, 2, 4, 8, 11, 12, 13, 15, 22]) {
        const bytes = new Uint8Array(size + 4).fill(type === 8 ? 0 : 0xff);
        bytes.set([type, size >> 16, size >> 8 & 0xff, size & 0xff]);
        const start = performance.now();
        decodeMessage(bytes, MODERN);
        assert(performance.now() - start < 20_000);
      }
    }
  });

  it("a trace shows it", () => {
    for (const _round of fuzzRounds("traces", 100, 0.5)) {
      const recorder = new TraceRecorder({ clock: { now: () => 0 } });
      const listeners = [
        recorder.listener("client"),
        recorder.listener("server"),
      ];
      for (let i = 0; i < 20; i++) {
        const type = [20, 21, 22, 22, 22, 23, 256, 257][random.below(8)] ?? 0;
        const bytes = mutated(
          samples[random.below(samples.length)] ?? NONE,
          random,
        );
        listeners[random.below(2)]?.(random.below(2), 0x303, type, bytes);
        recorder.wire(
          random.below(2) ? "client" : "server",
          bytes,
          "delivered",
        );
      }
      const { trace } = recorder;
      for (const line of trace.toLadder().split("\n")) {
        assert(line.length <= 80, line);
      }
      assert(trace.toHtml().endsWith("</html>\n"));
      assert(trace.toPcapng().length > 0);
      assertEquals(JSON.parse(JSON.stringify(trace)).events, trace.events);
    }
  });
});

/** Handshake messages as OpenSSL writes them, of all sorts. */
function realMessages(): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const server = lab.server({ alpnProtocols: ["h2"] });
  const auth: TracedOptions = {
    server: { clientAuth: "require", caCerts: [lab.cert] },
    client: { cert: lab.cert, key: lab.key, alpnProtocols: ["h2"] },
  };
  const collect = (options: TracedOptions, context?: typeof server): void => {
    using traced = lab.open(options, context);
    for (const end of [traced.client, traced.server]) {
      const { libssl, ssl } = connections.get(end);
      libssl.SSL_set_msg_callback(ssl, (_written, _version, type, bytes) => {
        if (type === 22) messages.push(bytes);
      });
    }
    traced.exchange();
  };
  collect(auth);
  collect({ ...auth, client: { ...auth.client, ...TLS12 } });
  collect({ engine: { session: lab.session(server) } }, server);
  const session = lab.session(server, TLS12);
  collect({ client: TLS12, engine: { session } }, server);
  collect({ server: { configure: [["Groups", "P-384"]] } });
  return messages;
}

/** Bytes with a few changes. */
function mutated(
  bytes: Uint8Array,
  random: FuzzRandom,
): Uint8Array {
  let result = new Uint8Array(bytes);
  for (let change = random.below(4); change >= 0; change--) {
    const at = random.below(result.length + 1);
    switch (random.below(5)) {
      case 0:
        result = result.slice(0, at);
        break;
      case 1:
        result = new Uint8Array([...result.slice(0, at), random.below(256)]);
        break;
      case 2:
        result = Uint8Array.from(
          { length: random.below(80) },
          () => random.below(256),
        );
        break;
      default:
        if (at < result.length) {
          result[at] = random.below(2) ? random.below(256) : 0xff;
        }
    }
  }
  return result;
}
