import { concat } from "../../../internal/bytes.ts";
import type { Hello, HelloAnswer, HelloOptions } from "../hello_types.ts";
import { AnswerReader } from "./answer.ts";
import type { PrecedingMessages } from "./binder.ts";
import { buildHello } from "./build.ts";
import type { HelloEnvironment } from "./environment.ts";
import { ExchangeTrace } from "./exchange_trace.ts";
import { firstFlight } from "./first_flight.ts";
import { MAX_PLAINTEXT_BYTES, pieces, toRecords } from "./records.ts";
import { secondHello } from "./retry.ts";
import { HelloWire } from "./hello_wire.ts";

/**
 * Sends a ClientHello that OpenSSL's client made and the options change, and reads the answer as
 * far as it is in the clear. A server that fails is an answer, too.
 *
 * @throws {Error} If the hello can't be made, or the server can't be connected to.
 */
export async function sendHello(
  options: HelloOptions,
  by: HelloEnvironment,
): Promise<HelloAnswer> {
  const hello = firstFlight(options, by);
  options.edit?.(hello);
  const message = await buildHello(hello);
  const deadline = by.deadline("The answer to a ClientHello");
  const wire = await by.open(options.node, deadline);
  try {
    const exchange = new Exchange(options, by, new HelloWire(wire, deadline));
    return await exchange.run(hello, message);
  } finally {
    await wire.close("in order");
  }
}

/** One hello, or two, and the answer. */
class Exchange {
  readonly #options: HelloOptions;
  readonly #by: HelloEnvironment;
  readonly #wire: HelloWire;
  readonly #trace: ExchangeTrace;

  constructor(options: HelloOptions, by: HelloEnvironment, wire: HelloWire) {
    this.#options = options;
    this.#by = by;
    this.#wire = wire;
    this.#trace = new ExchangeTrace(() => by.now());
  }

  async run(hello: Hello, message: Uint8Array): Promise<HelloAnswer> {
    const { editSecond } = this.#options;
    const start = performance.now();
    const answer = new AnswerReader(this.#wire, this.#trace);
    await this.#send(message, true);
    await answer.read();
    const { retry } = answer;
    const second = retry && editSecond &&
      await answer.attempt(() =>
        secondHello(hello, retry.hello, this.#options, this.#by)
      );
    if (second && editSecond) {
      editSecond(second);
      const preceding: PrecedingMessages = [message, retry.message];
      await this.#send(await buildHello(second, preceding), false);
      await answer.read();
    }
    return answer.result(performance.now() - start);
  }

  async #send(message: Uint8Array, isFirst: boolean): Promise<void> {
    const { recordBytes = MAX_PLAINTEXT_BYTES, writeBytes, append } =
      this.#options;
    const records = toRecords(message, recordBytes, isFirst);
    const bytes = isFirst && append ? concat([records, append]) : records;
    this.#trace.sent(message, bytes);
    for (const piece of pieces(bytes, writeBytes ?? bytes.length)) {
      await this.#wire.write(piece);
    }
  }
}
