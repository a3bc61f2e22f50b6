import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { toPcapng } from "../../../src/testing/trace/pcapng.ts";
import { createTlsSandbox } from "../../../src/testing/sandbox.ts";
import type { Trace } from "../../../src/testing/trace.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { describeWith, run } from "../../support/programs.ts";
import { encode } from "../../support/site.ts";
import {
  type Traced,
  TracedLab,
  type TracedOptions,
} from "../../support/traced.ts";

const lab = new TracedLab();
const TLS12 = { maxVersion: "TLSv1.2" } as const;
const HTTP = { alpnProtocols: ["http/1.1"] };
const REQUEST = "GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n";
const RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** The fields of the packets that a filter of Wireshark lets through. */
async function tshark(
  file: Uint8Array,
  filter: string,
  ...fields: string[]
): Promise<string[][]> {
  const path = await Deno.makeTempFile({ suffix: ".pcapng" });
  try {
    await Deno.writeFile(path, file);
    const { code, stdout, stderr } = await run("tshark", [
      ...["-r", path, "-n", "-2", "-T", "fields", "-Y", filter],
      // Bad checksums are pointed out.
      ...["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"],
      ...fields.flatMap((field) => ["-e", field]),
    ]);
    assertEquals(code, 0, stderr);
    return stdout.split("\n").filter((line) => line !== "")
      .map((line) => line.split("\t"));
  } finally {
    await Deno.remove(path);
  }
}

/** A request over HTTP and its answer, to the end. */
function visit(options: TracedOptions, server = lab.server(HTTP)): Traced {
  const traced = lab.connect({
    ...options,
    client: { ...HTTP, ...options.client },
  }, server);
  traced.client.write(encode(REQUEST));
  traced.exchange();
  traced.server.write(encode(RESPONSE));
  traced.exchange();
  traced.client.close();
  traced.server.close();
  traced.exchange();
  return traced;
}

/** The handshake messages that Wireshark sees, by number. */
async function handshakes(file: Uint8Array): Promise<number[]> {
  const filter = "tls.handshake.type";
  return numbersOf(await tshark(file, filter, "tls.handshake.type"));
}

/** The numbers in the first fields of packets. */
function numbersOf(packets: string[][]): number[] {
  return packets.flatMap(([first = ""]) => first.split(","))
    .filter((text) => text !== "").map(Number);
}

function typesOf(trace: Trace): number[] {
  return trace.messages().map(({ message }) => message.type);
}

describe("Trace.toPcapng()", () => {
  it("has keys only if asked for, and says where to get them", () => {
    using traced = lab.connect();
    const { trace } = traced;
    const [line = ""] = trace.keyLog.split("\n");
    const textOf = (file: Uint8Array): string =>
      new TextDecoder("latin1").decode(file);
    assertEquals(textOf(trace.toPcapng()).includes(line), false);
    assertEquals(
      textOf(trace.toPcapng({ keyLog: false })).includes(line),
      false,
    );
    assert(textOf(trace.toPcapng({ keyLog: true })).includes(line));

    using other = lab.connect({ client: { keyLog: () => {} } });
    assertThrows(
      () => other.trace.toPcapng({ keyLog: true }),
      TypeError,
      "a context needs the keyLog of the sandbox or of the recorder",
    );
  });

  it("is made of blocks that say their length at both ends", () => {
    using traced = visit({});
    const file = traced.trace.toPcapng({ keyLog: true });
    const view = new DataView(file.buffer);
    const types: number[] = [];
    for (let at = 0; at < file.length;) {
      types.push(view.getUint32(at, true));
      const length = view.getUint32(at + 4, true);
      assertEquals(length % 4, 0);
      assertEquals(view.getUint32(at + length - 4, true), length);
      at += length;
    }
    assertEquals(types.slice(0, 4), [0x0a0d0d0a, 1, 10, 6]);
    assertEquals(new Set(types.slice(3)), new Set([6]));
  });

  it("holds times before 1970 and far away", () => {
    for (const start of [-1, 0, 1e15]) {
      const file = toPcapng({ start, segments: [] }, {
        keyLog: null,
        comment: null,
      });
      assert(file.length > 0);
    }
  });
});

describeWith("tshark", "Wireshark", () => {
  const store = new MemorySessionStore({ now: lab.clock.now });
  const stateful = lab.server({
    ...HTTP,
    sessions: store,
    singleUse: true,
    maxEarlyData: 1000,
  });
  const stateless = lab.server(HTTP);
  const cases: [string, () => Traced][] = [
    ["TLS 1.3", () => visit({})],
    ["TLS 1.3, resumed", () => {
      const session = lab.session(stateful, HTTP);
      return visit({ engine: { session } }, stateful);
    }],
    [
      "TLS 1.3 with another hello",
      () =>
        visit({}, lab.server({ ...HTTP, configure: [["Groups", "P-384"]] })),
    ],
    ["TLS 1.2", () => visit({ client: TLS12 })],
    ["TLS 1.2, resumed by ticket", () => {
      const session = lab.session(stateless, { ...HTTP, ...TLS12 });
      return visit({ client: TLS12, engine: { session } }, stateless);
    }],
    ["TLS 1.2, resumed by id", () => {
      const session = lab.session(stateful, { ...HTTP, ...TLS12 });
      return visit({ client: TLS12, engine: { session } }, stateful);
    }],
  ];
  for (const [name, connect] of cases) {
    it(`decrypts ${name}, and sees the trace's messages`, async () => {
      using traced = connect();
      const { trace } = traced;
      const file = trace.toPcapng({ keyLog: true });
      const packets = await tshark(
        file,
        "tls",
        "tls.handshake.type",
        "http.request.uri",
        "http.response.code",
        "http.file_data",
        "tls.alert_message.desc",
      );
      assertEquals(numbersOf(packets), typesOf(trace));
      assertEquals(
        packets.map((fields) => fields.slice(1, 4))
          .filter((fields) => fields.join("") !== ""),
        [["/secret", "", ""], ["", "200", "hello"]],
      );
      assertEquals(
        packets.map((fields) => fields[4]).filter((text) => text !== ""),
        ["0", "0"],
      );
    });
  }

  it("decrypts also what was replayed", async () => {
    using sandbox = createTlsSandbox({ seed: "replayed" });
    const honest = sandbox.pair();
    await honest.handshake();
    const attack = honest.reconnect({
      session: null,
      network: { toServer: { replay: honest.network.captured } },
    });
    await attack.handshake();
    const { trace } = honest;
    const types = await handshakes(trace.toPcapng({ keyLog: true }));
    assertEquals(types, typesOf(trace));
    assert(types.includes(20));
  });

  it("decrypts early data", async () => {
    const session = lab.session(stateful, HTTP);
    using traced = visit({
      engine: { session, earlyData: encode(REQUEST) },
    }, stateful);
    assertEquals(traced.client.info?.earlyData, "accepted");
    const file = traced.trace.toPcapng({ keyLog: true });
    const fields = ["tls.handshake.type", "http.request.uri"];
    const packets = await tshark(file, "tls", ...fields);
    assertEquals(numbersOf(packets), typesOf(traced.trace));
    assertEquals(
      packets.map(([, uri]) => uri).filter((uri) => uri !== ""),
      ["/secret", "/secret"],
    );
  });

  it("sees only what isn't encrypted without the keys", async () => {
    using traced = visit({});
    const file = traced.trace.toPcapng();
    assertEquals(await handshakes(file), [1, 2]);
    assertEquals(await tshark(file, "http", "http.request.uri"), []);
  });

  it("finds nothing wrong with the packets", async () => {
    using traced = lab.connect();
    traced.client.write(new Uint8Array(100_000));
    traced.exchange();
    const file = traced.trace.toPcapng({ keyLog: true });
    const packets = await tshark(
      file,
      "tcp",
      "tcp.checksum.status",
      "ip.checksum.status",
      "tcp.analysis.flags",
      "_ws.malformed",
    );
    assert(packets.length > 70);
    const good = "1";
    assertEquals(
      packets.filter((fields) => fields.join() !== [good, good, "", ""].join()),
      [],
    );
    const [first] = await tshark(
      file,
      "tcp.flags.syn == 1",
      "frame.time_epoch",
    );
    const seconds = lab.clock.now() / 1000;
    const time = Number(first?.[0]);
    assert(time > 1_893_456_000 - 1 && time <= seconds, `${time}`);
    const ends = await tshark(file, "tcp.flags.fin == 1", "tcp.srcport");
    assertEquals(ends, [["50000"], ["443"]]);
  });

  it("sees a connection that was cut off end in a reset", async () => {
    using traced = lab.connect({
      meddler: (from, bytes) => ({
        bytes,
        status: from === "server" ? "dropped" : "delivered",
      }),
    });
    const file = traced.trace.toPcapng();
    assertEquals(await handshakes(file), [1]);
    const resets = await tshark(file, "tcp.flags.reset == 1", "tcp.srcport");
    assertEquals(resets, [["443"]]);
  });

  it("reads what the trace says about the file and its packets", async () => {
    using traced = lab.connect({
      meddler: (from, bytes) => ({
        bytes: from === "client" ? bytes.with(-1, 1) : bytes,
        status: from === "client" ? "corrupted" : "delivered",
      }),
    });
    const comments = await tshark(
      traced.trace.toPcapng(),
      "frame.comment",
      "frame.comment",
      "tcp.srcport",
    );
    assert(comments.length > 0);
    assertEquals(comments[0], ["corrupted", "50000"]);
  });
});
