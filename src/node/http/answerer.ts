import { Deferred } from "../../internal/deferred.ts";
import type { TLSSocket } from "../mod.ts";
import { BadRequest, type Incoming, requestOf } from "./incoming.ts";
import { isSent, type Outgoing, send } from "./outgoing.ts";
import type { ServeTlsHandler, ServeTlsInfo } from "./serve_types.ts";

/** Answers requests with a handler's responses. */
export class Answerer {
  readonly #handler: ServeTlsHandler;
  readonly #onError: (error: unknown) => Response | Promise<Response>;

  constructor(
    handler: ServeTlsHandler,
    onError: (error: unknown) => Response | Promise<Response> = logged,
  ) {
    this.#handler = handler;
    this.#onError = onError;
  }

  /** Answers a request that has come over a connection. Never rejects. */
  async answer(
    incoming: Incoming,
    outgoing: Outgoing,
    socket: TLSSocket,
  ): Promise<void> {
    const completed = new Deferred<void>();
    // The connection fails for who reads and writes as well.
    outgoing.on("error", () => {});
    const info: ServeTlsInfo = {
      remoteAddr: {
        transport: "tcp",
        hostname: socket.remoteAddress ?? "",
        port: socket.remotePort ?? 0,
      },
      completed: completed.promise,
      socket,
    };
    try {
      const signal = signalOf(outgoing);
      const response = await this.#responseTo(incoming, signal, info);
      await send(response, incoming, outgoing);
      completed.resolve();
    } catch (error) {
      completed.reject(error);
    }
  }

  async #responseTo(
    incoming: Incoming,
    signal: AbortSignal,
    info: ServeTlsInfo,
  ): Promise<Response> {
    try {
      const request = requestOf(incoming, signal);
      return checked(await this.#handler(request, info));
    } catch (error) {
      if (error instanceof BadRequest) {
        return new Response(error.message, { status: error.status });
      }
      return await this.#responseToFailure(error);
    }
  }

  async #responseToFailure(error: unknown): Promise<Response> {
    try {
      return checked(await this.#onError(error));
    } catch (worse) {
      return logged(worse);
    }
  }
}

/** Aborts when the client leaves before it has the response. */
function signalOf(outgoing: Outgoing): AbortSignal {
  const controller = new AbortController();
  outgoing.on("close", () => {
    if (isSent(outgoing)) return;
    controller.abort(new DOMException("The client has left", "AbortError"));
  });
  return controller.signal;
}

/** What a handler returned, if it can be sent; other versions of `Response` can, too. */
function checked(response: Response): Response {
  if (!(response?.headers instanceof Headers) || !(response.status >= 200)) {
    throw new TypeError("The handler must return a Response with a status");
  }
  if (response.bodyUsed || response.body?.locked) {
    throw new TypeError("The body of the response has been used already");
  }
  return response;
}

function logged(error: unknown): Response {
  console.error(error);
  return new Response("Internal Server Error", { status: 500 });
}
