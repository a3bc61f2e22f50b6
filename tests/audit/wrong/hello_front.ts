/**
 * A front before a server, which answers hellos in the server's place as one that is wrong
 * would: by a ServerHello that resumes. What follows it isn't encrypted by anybody who knows a
 * key, but an audit that judges by the ServerHello looks no further.
 *
 * @module
 */
import { createTransportPair } from "@sesame/tls/testing";
import { concat } from "../../../src/internal/bytes.ts";
import { parseHello } from "../../../src/audit/client/hello/parse.ts";
import { PlaintextReader } from "../../../src/audit/client/hello/plaintext.ts";
import { toRecords } from "../../../src/audit/client/hello/records.ts";
import {
  handshakeMessage,
  uint,
  vector,
} from "../../../src/audit/client/hello/vectors.ts";
import type { Hello } from "../../../src/audit/client/hello_types.ts";
import { Reader } from "../../../src/testing/trace/reader.ts";
import type { TlsTransport } from "../../../src/tls/socket/transport.ts";

/** A hello as a server sees it. */
export interface SeenHello extends Hello {
  readonly binders: readonly Uint8Array[];
  /** Whether supported_versions has TLS 1.3. */
  readonly isModern: boolean;
  /** The data of an extension; undefined if there is none. */
  extension(type: number): Uint8Array | undefined;
}

/**
 * What the front does with a hello: lets it through (null), resumes (true, or the number of the
 * identity that it selects), or writes bytes and ends.
 */
export type FrontAnswer = null | true | number | Uint8Array;

type Answering = (hello: SeenHello, n: number) => FrontAnswer;

/** Puts a front before a server. `answer` is asked about each hello in the clear. */
export function helloFront(
  server: { connect(): TlsTransport },
  answer: Answering,
): { connect: () => TlsTransport } {
  return {
    connect(): TlsTransport {
      const { client, server: own } = createTransportPair();
      const front = new Front(own, server.connect(), answer);
      front.run();
      return client;
    },
  };
}

class Front {
  readonly #fromClient: ReadableStreamDefaultReader<Uint8Array>;
  readonly #toClient: WritableStreamDefaultWriter<Uint8Array>;
  readonly #fromServer: ReadableStreamDefaultReader<Uint8Array>;
  readonly #toServer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answer: Answering;
  /** Reads hellos; null when there are no more in the clear. */
  #hellos: PlaintextReader | null = new PlaintextReader();
  #held: Uint8Array[] = [];
  #count = 0;
  #isAnswering = false;

  constructor(client: TlsTransport, server: TlsTransport, answer: Answering) {
    this.#fromClient = client.readable.getReader();
    this.#toClient = client.writable.getWriter();
    this.#fromServer = server.readable.getReader();
    this.#toServer = server.writable.getWriter();
    this.#answer = answer;
    for (const end of [this.#toClient, this.#toServer]) {
      end.closed.catch(() => {});
    }
  }

  run(): void {
    // What fails is over: the client sees the end of its connection.
    this.#forward().catch(() => {});
    this.#backward().catch(() => {});
  }

  async #forward(): Promise<void> {
    for (;;) {
      const { value } = await this.#fromClient.read();
      if (value === undefined) return await this.#toServer.close();
      this.#held.push(value);
      if (this.#isIncomplete(value)) continue;
      if (this.#isAnswering) continue;
      await this.#toServer.write(concat(this.#held));
      this.#held = [];
    }
  }

  async #backward(): Promise<void> {
    for (;;) {
      const { value } = await this.#fromServer.read();
      if (this.#isAnswering) return;
      if (value === undefined) return await this.#toClient.close();
      await this.#toClient.write(value);
    }
  }

  /** Takes bytes of the client's: whether a hello has begun that isn't whole. */
  #isIncomplete(bytes: Uint8Array): boolean {
    if (this.#hellos === null) return false;
    try {
      this.#hellos.push(bytes);
      const message = this.#hellos.next();
      if (message === null) return true;
      if (message.type === HANDSHAKE) this.#onHello(message.bytes);
    } catch {
      this.#hellos = null;
    }
    return false;
  }

  #onHello(message: Uint8Array): void {
    const hello = seen(message);
    const answer = this.#answer(hello, this.#count++);
    if (answer === null) return;
    this.#isAnswering = true;
    const bytes = answer instanceof Uint8Array
      ? answer
      : resumption(hello, answer === true ? 0 : answer);
    void this.#toClient.write(bytes).then(() => this.#toClient.close());
  }
}

function seen(message: Uint8Array): SeenHello {
  const hello = parseHello(message, null);
  const extension = (type: number): Uint8Array | undefined =>
    hello.extensions.find((one) => one.type === type)?.data;
  const versions = new Reader(extension(SUPPORTED_VERSIONS) ?? EMPTY).part(1)
    .list((list) => list.uint(2));
  return {
    ...hello,
    binders: bindersOf(message),
    isModern: versions.includes(TLS1_3),
    extension,
  };
}

/** The binders of pre_shared_key, which `parseHello` leaves out. */
function bindersOf(message: Uint8Array): Uint8Array[] {
  const body = new Reader(message.subarray(MESSAGE_HEADER_BYTES));
  body.take(2 + 32);
  for (const size of [1, 2, 1]) body.vector(size);
  const binders = body.part(2).list((list) => {
    const type = list.uint(2);
    const data = new Reader(list.vector(2));
    data.vector(2);
    return type === PRE_SHARED_KEY
      ? data.part(2).list((one) => one.vector(1))
      : [];
  });
  return binders.flat();
}

/** A ServerHello that resumes what a hello proposes; in TLS 1.2 with the ChangeCipherSpec. */
function resumption(hello: SeenHello, selected: number): Uint8Array {
  const suites = hello.cipherSuites.filter((suite) =>
    (suite >> 8 === TLS1_3_SUITES) === hello.isModern
  );
  const body = concat([
    uint(2, TLS1_2),
    RANDOM,
    vector(1, hello.sessionId),
    uint(2, suites[0] ?? 0),
    uint(1, 0),
    vector(
      2,
      ...(hello.isModern
        ? [
          extension(SUPPORTED_VERSIONS, uint(2, TLS1_3)),
          extension(
            KEY_SHARE,
            concat([uint(2, X25519), vector(2, RANDOM)]),
          ),
          extension(PRE_SHARED_KEY, uint(2, selected)),
        ]
        : []),
    ),
  ]);
  const records = toRecords(handshakeMessage(2, body), 2 ** 14, false);
  return hello.isModern ? records : concat([records, CHANGE_CIPHER_SPEC]);
}

function extension(type: number, data: Uint8Array): Uint8Array {
  return concat([uint(2, type), vector(2, data)]);
}

const EMPTY = Uint8Array.of(0);
const HANDSHAKE = 22;
const MESSAGE_HEADER_BYTES = 4;
const PRE_SHARED_KEY = 41;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;
const X25519 = 29;
const TLS1_2 = 0x0303;
const TLS1_3 = 0x0304;
/** The first byte of TLS 1.3's cipher suites. */
const TLS1_3_SUITES = 0x13;
const RANDOM = new Uint8Array(32).fill(7);
const CHANGE_CIPHER_SPEC = Uint8Array.of(20, 3, 3, 0, 1, 1);
