/**
 * A front before a server that is right: what is wrong is the front's answer to some hellos. It
 * resumes by a ServerHello that it makes up, after which nobody can go on; an audit that judges by
 * the ServerHello looks no further.
 *
 * @module
 */
import { createTransportPair } from "@sesame/tls/testing";
import { concat } from "../../../src/internal/bytes.ts";
import { PlaintextReader } from "../../../src/audit/client/hello/plaintext.ts";
import { SSL3_RT_HANDSHAKE } from "../../../src/libssl/mod.ts";
import type { TlsTransport } from "../../../src/tls/socket/transport.ts";
import {
  alertOf,
  AnswerJudge,
  resumptionOf,
  type SeenHello,
  seenHello,
} from "./seen_hello.ts";

/**
 * What the front does with a hello: it leaves it to the server (null), resumes (the number of the
 * identity that it selects; in TLS 1.2 any), sends an alert, closes, or says nothing.
 */
export type FrontAnswer =
  | null
  | number
  | "close"
  | "silence"
  | { readonly alert: number };

/** What is wrong. */
export interface Wrongs {
  /** Is asked about each hello in the clear, with its number in the connection. */
  hello?(hello: SeenHello, n: number): FrontAnswer;
  /**
   * Is asked about each hello that proposes a session which the server refuses, or answers by a
   * full handshake.
   */
  refused?(hello: SeenHello, n: number): FrontAnswer;
  /** Whether it closes where the first piece of a connection isn't a hello in one record. */
  readsOnce?: boolean;
}

/** Puts a front before a server. */
export function helloFront(
  server: { connect(): TlsTransport },
  wrongs: Wrongs,
): { connect: () => TlsTransport } {
  return {
    connect(): TlsTransport {
      const { client, server: own } = createTransportPair();
      new Front(own, server.connect(), wrongs).run();
      return client;
    },
  };
}

class Front {
  readonly #client: Ends;
  readonly #server: Ends;
  readonly #wrongs: Wrongs;
  /** Reads the client's hellos; null when nothing more is in the clear. */
  #hellos: PlaintextReader | null = new PlaintextReader();
  #count = 0;
  /** The hello that the server is about to answer. */
  #hello: SeenHello | null = null;
  #judge = new AnswerJudge();
  /** Whether the front has answered in the server's place. */
  #isOver = false;

  constructor(client: TlsTransport, server: TlsTransport, wrongs: Wrongs) {
    this.#client = endsOf(client);
    this.#server = endsOf(server);
    this.#wrongs = wrongs;
  }

  run(): void {
    // What fails is over: the client sees the end of its connection.
    this.#forward().catch(() => {});
    this.#backward().catch(() => {});
  }

  async #forward(): Promise<void> {
    let held: Uint8Array[] = [];
    for (;;) {
      const { value } = await this.#client.reader.read();
      if (value === undefined) return await this.#server.writer.close();
      held.push(value);
      if (this.#holds(value)) continue;
      await this.#server.writer.write(concat(held));
      held = [];
    }
  }

  async #backward(): Promise<void> {
    let held: Uint8Array[] = [];
    for (;;) {
      const { value } = await this.#server.reader.read();
      if (this.#isOver) return;
      if (value === undefined) break;
      held.push(value);
      if (this.#isUnjudged(value)) continue;
      if (this.#isOver) return;
      await this.#client.writer.write(concat(held));
      held = [];
    }
    await this.#client.writer.write(concat(held));
    await this.#client.writer.close();
  }

  /** Takes bytes of the client's: whether they aren't for the server, or not yet. */
  #holds(bytes: Uint8Array): boolean {
    const message = this.#nextHello(bytes);
    const isWhole = message instanceof Uint8Array &&
      bytes.length >= message.length && isOneRecord(bytes);
    if (this.#wrongs.readsOnce && this.#count === 0 && !isWhole) {
      this.#answer(null, "close");
    }
    if (message instanceof Uint8Array) {
      const hello = seenHello(message);
      const n = this.#count++;
      this.#hello = hello;
      this.#judge = new AnswerJudge();
      this.#answer(hello, this.#wrongs.hello?.(hello, n) ?? null);
    }
    return this.#isOver || message === "incomplete";
  }

  /** The next hello; a ChangeCipherSpec may precede a second one. */
  #nextHello(bytes: Uint8Array): Uint8Array | "incomplete" | "other" {
    if (this.#hellos === null) return "other";
    this.#hellos.push(bytes);
    for (;;) {
      const message = this.#hellos.next();
      if (message === null) return "incomplete";
      if (message.type === SSL3_RT_HANDSHAKE) return message.bytes;
    }
  }

  /** Takes bytes of the server's: whether it isn't known yet what it answers. */
  #isUnjudged(bytes: Uint8Array): boolean {
    if (this.#hello === null) return false;
    const judgement = this.#judge.push(bytes);
    if (judgement === null) return true;
    const { refused } = this.#wrongs;
    if (judgement === "refused" && this.#hello.proposes && refused) {
      this.#answer(this.#hello, refused(this.#hello, this.#count - 1));
    }
    this.#hello = null;
    if (judgement !== "retry") this.#hellos = null;
    return false;
  }

  #answer(hello: SeenHello | null, answer: FrontAnswer): void {
    if (answer === null) return;
    this.#isOver = true;
    if (answer === "silence") return;
    const bytes = answer === "close" || hello === null
      ? new Uint8Array()
      : typeof answer === "number"
      ? resumptionOf(hello, answer)
      : alertOf(answer.alert);
    const { writer } = this.#client;
    writer.write(bytes).then(() => writer.close()).catch(() => {});
  }
}

/** The two directions of a transport. */
interface Ends {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
}

function endsOf({ readable, writable }: TlsTransport): Ends {
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  return { reader: readable.getReader(), writer };
}

/** Whether bytes are one record, or begin with fewer. */
function isOneRecord(bytes: Uint8Array): boolean {
  const [, , , high = 0, low = 0] = bytes;
  return bytes.length <= 5 + (high << 8 | low);
}
