/** STARTTLS of each protocol, with peers that answer well, oddly, too much, or not at all. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError, type TlsTransport } from "@sesame/tls";
import { auditServer } from "@sesame/tls/audit";
import { createTransportPair } from "@sesame/tls/testing";
import {
  askForTls,
  type StartTlsProtocol,
} from "../../../src/audit/starttls/mod.ts";

type Said = string | Uint8Array;

/** What a server says first, and what it answers to each thing that the client sends. */
interface Script {
  readonly greeting?: Said;
  readonly answers: readonly (Said | "hang up")[];
}

const bytes = (said: Said): Uint8Array =>
  typeof said === "string"
    ? Uint8Array.from(said, (character) => character.charCodeAt(0))
    : said;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const hex = (digits: string): Uint8Array =>
  Uint8Array.fromHex(digits.replaceAll(" ", ""));

/** Has the client ask a server that keeps to the script: what that received. */
async function ask(
  protocol: StartTlsProtocol,
  { greeting, answers }: Script,
  timeout = 5_000,
): Promise<string[]> {
  const { client, server } = createTransportPair();
  const heard: string[] = [];
  const writer = server.writable.getWriter();
  writer.closed.catch(() => {});
  const served = (async () => {
    const reader = server.readable.getReader();
    if (greeting !== undefined) await writer.write(bytes(greeting));
    for (const answer of answers) {
      const { value } = await reader.read();
      if (value === undefined) return;
      heard.push(text(value));
      if (answer === "hang up") return await writer.close();
      await writer.write(bytes(answer));
    }
  })().catch(() => {});
  await askForTls(client, protocol, timeout);
  await served;
  assert(!client.readable.locked && !client.writable.locked);
  return heard;
}

/** The server's first packet, with these capabilities. */
function mysqlGreeting(capabilities: number): Uint8Array {
  const payload = Uint8Array.of(
    ...[10, ...bytes("11.8.3-MariaDB\0"), 1, 0, 0, 0],
    ...[...bytes("saltsalt"), 0, capabilities & 0xff, capabilities >> 8],
    ...[45, 2, 0, 0xff, 0x81, 21, ...new Uint8Array(10)],
    ...bytes("moresaltsalt\0mysql_native_password\0"),
  );
  return Uint8Array.of(payload.length, 0, 0, 0, ...payload);
}

const LDAP_REQUEST =
  "301d02010177188016312e332e362e312e342e312e313436362e3230303337";
const LDAP_SUCCESS = hex("30 0c 02 01 01 78 07 0a 01 00 04 00 04 00");

const RIGHT: Readonly<Record<StartTlsProtocol, Script>> = {
  smtp: {
    greeting: "220-mail.example.com\r\n220 ready\r\n",
    answers: [
      "250-mail.example.com\r\n250-SIZE 1\r\n250-STARTTLS\r\n250 HELP\r\n",
      "220 go\r\n",
    ],
  },
  imap: {
    greeting: "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
    answers: ["* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"],
  },
  pop3: { greeting: "+OK ready\r\n", answers: ["+OK begin\r\n"] },
  ftp: {
    greeting: "220-Welcome\r\n 220 of them\r\n220 end\r\n",
    answers: ["234 Proceed\r\n"],
  },
  postgres: { answers: ["S"] },
  mysql: { greeting: mysqlGreeting(0xf7fe | 0x800), answers: [] },
  ldap: { answers: [LDAP_SUCCESS] },
};

describe("askForTls", () => {
  it("asks as each protocol does", async () => {
    const heard = async (protocol: StartTlsProtocol): Promise<string[]> =>
      await ask(protocol, RIGHT[protocol]);
    assertEquals(await heard("smtp"), ["EHLO localhost\r\n", "STARTTLS\r\n"]);
    assertEquals(await heard("imap"), ["a1 STARTTLS\r\n"]);
    assertEquals(await heard("pop3"), ["STLS\r\n"]);
    assertEquals(await heard("ftp"), ["AUTH TLS\r\n"]);
    assertEquals(await heard("postgres"), [
      text(hex("00 00 00 08 04 d2 16 2f")),
    ]);
    assertEquals(await heard("ldap"), [text(hex(LDAP_REQUEST))]);
  });

  it("sends MySQL a request that asks for TLS, and waits for no answer", async () => {
    const { client, server } = createTransportPair();
    const writer = server.writable.getWriter();
    writer.write(mysqlGreeting(0xf7fe | 0x800));
    await askForTls(client, "mysql", 5_000);
    const { value } = await server.readable.getReader().read();
    const packet = value ?? new Uint8Array();
    assertEquals([packet.length, ...packet.subarray(0, 4)], [36, 32, 0, 0, 1]);
    assert(((packet[5] ?? 0) & 0x08) !== 0, "CLIENT_SSL");
  });

  it("takes answers that come in pieces, and lines with \\n alone", async () => {
    for (const protocol of ["smtp", "imap", "ldap", "mysql"] as const) {
      const { client, server } = createTransportPair();
      const { greeting = "", answers } = RIGHT[protocol];
      const writer = server.writable.getWriter();
      const reader = server.readable.getReader();
      const asked = askForTls(client, protocol, 5_000);
      for (const [i, said] of [greeting, ...answers].entries()) {
        if (i > 0) await reader.read();
        const plain = typeof said === "string"
          ? said.replaceAll("\r", "")
          : said;
        for (const byte of bytes(plain)) {
          await writer.write(Uint8Array.of(byte));
        }
      }
      await asked;
    }
  });

  const WRONG: readonly [
    string,
    StartTlsProtocol,
    Script,
    string,
  ][] = [
    [
      "isn't greeting",
      "smtp",
      { greeting: "554 no\r\n", answers: [] },
      '"554 no"',
    ],
    ["has no STARTTLS", "smtp", {
      greeting: "220 x\r\n",
      answers: ["250-x\r\n250 XSTARTTLS\r\n"],
    }, "doesn't offer STARTTLS"],
    ["refuses", "smtp", {
      greeting: "220 x\r\n",
      answers: ["250 STARTTLS\r\n", "454 TLS not available\r\n"],
    }, '"454 TLS not available"'],
    ["speaks before TLS", "smtp", {
      greeting: "220 x\r\n",
      answers: ["250 STARTTLS\r\n", "220 go\r\n250 injected\r\n"],
    }, "14 bytes after its answer, before TLS"],
    [
      "is authenticated",
      "imap",
      { greeting: "* PREAUTH hi\r\n", answers: [] },
      "PREAUTH",
    ],
    ["refuses", "imap", {
      greeting: "* OK x\r\n",
      answers: ["* BYE soon\r\na1 NO never\r\n"],
    }, '"a1 NO never"'],
    ["answers another tag", "imap", {
      greeting: "* OK x\r\n",
      answers: ["a11 OK go\r\n"],
    }, '"a11 OK go"'],
    ["says nearly the right", "imap", {
      greeting: "* OK x\r\n",
      answers: ["a1 OKAY\r\n"],
    }, '"a1 OKAY"'],
    ["sends a long line", "imap", {
      greeting: `* OK ${"x".repeat(8_200)}\r\n`,
      answers: ["a1 OK\r\n"],
    }, "a line of more than 8192 bytes"],
    [
      "refuses",
      "pop3",
      { greeting: "+OK\r\n", answers: ["-ERR no\r\n"] },
      '"-ERR no"',
    ],
    [
      "says nearly the right",
      "pop3",
      { greeting: "+OKAY\r\n", answers: [] },
      '"+OKAY"',
    ],
    [
      "refuses",
      "ftp",
      { greeting: "220 x\r\n", answers: ["530 Log in\r\n"] },
      '"530 Log in"',
    ],
    ["has no TLS", "postgres", { answers: ["N"] }, "ssl = off"],
    ["fails", "postgres", { answers: ["E\0\0\0\x08oops"] }, 'answered "E"'],
    ["speaks before TLS", "postgres", { answers: ["SX"] }, "1 bytes after"],
    ["has no TLS", "mysql", {
      greeting: mysqlGreeting(0xf7fe & ~0x800),
      answers: [],
    }, "doesn't offer TLS"],
    ["blocks the host", "mysql", {
      greeting: hex("0a 00 00 00 ff 69 04 626c6f636b6564"),
      answers: [],
    }, '"blocked"'],
    ["speaks an old protocol", "mysql", {
      greeting: hex("02 00 00 00 09 00"),
      answers: [],
    }, "version 10"],
    ["names no end of its version", "mysql", {
      greeting: hex("03 00 00 00 0a 31 31"),
      answers: [],
    }, "doesn't offer TLS"],
    ["has its capabilities in a version without end", "mysql", {
      greeting: Uint8Array.of(
        20,
        0,
        0,
        0,
        10,
        ...new Uint8Array(19).fill(0xff),
      ),
      answers: [],
    }, "doesn't offer TLS"],
    ["announces too much", "mysql", {
      greeting: hex("ff ff ff 00"),
      answers: [],
    }, "packet of 16777215 bytes"],
    ["announces nothing", "mysql", {
      greeting: hex("00 00 00 00"),
      answers: [],
    }, "packet of 0 bytes"],
    ["refuses", "ldap", {
      answers: [hex("30 0c 02 01 01 78 07 0a 01 02 04 00 04 00")],
    }, "result code 2"],
    [
      "announces too much",
      "ldap",
      { answers: [hex("30 84 7f ff ff ff")] },
      "too long",
    ],
    ["has a length of five bytes", "ldap", {
      answers: [
        hex("30 85 00 00 00 00 0c 02 01 01 78 07 0a 01 00 04 00 04 00"),
      ],
    }, "too long"],
    ["announces no end", "ldap", { answers: [hex("30 80")] }, "too long"],
    ["says goodbye", "ldap", {
      answers: [hex("30 0c 02 01 00 78 07 0a 01 34 04 00 04 00")],
    }, "didn't answer"],
    [
      "isn't LDAP",
      "ldap",
      { answers: ["HTTP/1.1 400 Bad\r\n"] },
      "didn't answer",
    ],
  ];
  for (const [what, protocol, script, message] of WRONG) {
    it(`refuses a ${protocol} server that ${what}: ${message}`, async () => {
      const error = await assertRejects(() => ask(protocol, script), TlsError);
      assertEquals(error.code, "protocol");
      assert(!Object.hasOwn(error, "cause"));
      assert(error.message.includes(`by ${protocol}: `), error.message);
      assert(error.message.includes(message), error.message);
    });
  }

  it("takes LDAP's lengths in their long form, as OpenLDAP's may be", async () => {
    const answer = hex(
      "30 84 00 00 00 10 02 01 01 78 84 00 00 00 07 0a 01 00 04 00 04 00",
    );
    await ask("ldap", { answers: [answer] });
  });

  for (const protocol of Object.keys(RIGHT) as StartTlsProtocol[]) {
    it(`ends with a ${protocol} server that is silent, hangs up, or goes on and on`, async () => {
      const silent = createTransportPair();
      const late = await assertRejects(
        () => askForTls(silent.client, protocol, 20),
        TlsError,
      );
      assertEquals(late.code, "timeout");

      const gone = await assertRejects(
        () => {
          const { client, server } = createTransportPair();
          server.writable.close();
          return askForTls(client, protocol, 5_000);
        },
        TlsError,
      );
      assertEquals(gone.code, "truncated");

      const chatty = createTransportPair();
      const noise = new Uint8Array(100_000).fill(0x2a);
      const writer = chatty.server.writable.getWriter();
      writer.closed.catch(() => {});
      writer.write(noise).catch(() => {});
      const error = await assertRejects(
        () => askForTls(chatty.client, protocol, 5_000),
        TlsError,
      );
      assertEquals(error.code, "protocol");
    });
  }

  it("is a part of a connection's time, which an error names", async () => {
    const error = await assertRejects(
      () =>
        Array.fromAsync(auditServer({
          connect: async () => {
            await new Promise((resolve) => setTimeout(resolve, 5));
            return createTransportPair().client;
          },
          starttls: "smtp",
          timeout: 50,
        })),
      TlsError,
    );
    assertEquals(
      [error.code, error.message],
      [
        "timeout",
        "Cannot start TLS by smtp: the server took longer than 50 ms",
      ],
    );
  });

  it("ends by its signal, which may be aborted already", async () => {
    for (const isEarly of [true, false]) {
      const { client, server } = createTransportPair();
      const controller = new AbortController();
      const reason = new Error("enough");
      if (isEarly) controller.abort(reason);
      const asked = askForTls(client, "smtp", 5_000, controller.signal);
      controller.abort(reason);
      assertEquals(await asked.catch((error: unknown) => error), reason);
      await assertRejects(() => server.readable.getReader().read());
    }
  });

  it("shows no control characters of an answer, those of C1 included", async () => {
    const greeting = "554 \x9b31m\x07\r\n";
    const error = await assertRejects(
      () => ask("smtp", { greeting, answers: [] }),
      TlsError,
    );
    assert(/^[\x20-\x7e]+$/.test(error.message), error.message);
  });

  it("refuses what isn't a protocol, a time, a transport or a signal", async () => {
    const refused = async (
      message: string,
      protocol: unknown,
      timeout: unknown = 1,
      transport: unknown = createTransportPair().client,
      signal: unknown = undefined,
    ): Promise<void> => {
      const error = await assertRejects(() =>
        askForTls(
          transport as TlsTransport,
          protocol as StartTlsProtocol,
          timeout as number,
          signal as AbortSignal,
        )
      );
      assert(error instanceof TypeError || error instanceof RangeError);
      assert(error.message.startsWith(message), error.message);
    };
    await refused("protocol must be one of smtp, imap", "gopher");
    await refused("protocol must be one of smtp, imap", "toString");
    await refused("protocol must be one of smtp, imap", undefined);
    for (const timeout of [0, -1, NaN, 2 ** 31, "1 s"]) {
      await refused("timeout must be above 0", "smtp", timeout);
    }
    await refused("transport.readable must be", "smtp", 1, {});
    const { client } = createTransportPair();
    client.readable.getReader();
    await refused("transport.readable must not be locked", "smtp", 1, client);
    const { client: other } = createTransportPair();
    await refused("signal must be an AbortSignal", "smtp", 1, other, {});
  });

  it("reads a bounded number of lines", async () => {
    const lines = "* OK more\r\n".repeat(10_000);
    const error = await assertRejects(
      () => ask("imap", { greeting: "* OK x\r\n", answers: [lines] }),
      TlsError,
    );
    assert(error.message.includes("more than 65536 bytes"), error.message);
  });

  it("ends the transport when it fails", async () => {
    const ended: string[] = [];
    const transport: TlsTransport = {
      readable: new ReadableStream({
        start: (controller) => controller.enqueue(bytes("-ERR\r\n")),
        cancel: () => void ended.push("readable"),
      }),
      writable: new WritableStream({
        abort: () => void ended.push("writable"),
      }),
    };
    await assertRejects(() => askForTls(transport, "pop3", 5_000), TlsError);
    assertEquals(ended, ["readable", "writable"]);
  });
});
