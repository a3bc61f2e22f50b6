import { CONTENT_TYPE, exposition } from "./exposition.ts";
import type { Fleet } from "./fleet.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { metricsOf } from "./metrics.ts";

/** A plain HTTP server for Prometheus, and for those who ask whether all is well. */
export class MetricsServer {
  /** Whether new connections are taken, for `/healthz`. */
  isServing = true;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #fleet: Fleet;
  readonly #startedAt = Date.now();

  /** Starts to listen. Throws if it can't. */
  constructor({ hostname, port }: HostAndPort, fleet: Fleet) {
    this.#fleet = fleet;
    this.#server = Deno.serve(
      { hostname, port, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Where it listens. */
  get addr(): HostAndPort {
    return this.#server.addr;
  }

  /** Stops to listen. */
  async close(): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("GET only\n", {
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    switch (new URL(request.url).pathname) {
      case "/metrics":
        return new Response(await this.#metrics(), {
          headers: { "content-type": CONTENT_TYPE },
        });
      case "/healthz":
        return this.#health();
      default:
        return new Response("There are /metrics and /healthz.\n", {
          status: 404,
        });
    }
  }

  #health(): Response {
    if (!this.isServing) return new Response("draining\n", { status: 503 });
    return this.#fleet.serving > 0
      ? new Response("ok\n")
      : new Response("no worker serves\n", { status: 503 });
  }

  async #metrics(): Promise<string> {
    const figures = await this.#fleet.figures();
    return exposition(metricsOf(figures, {
      serving: this.#fleet.serving,
      restarts: this.#fleet.restarts,
      startedAt: this.#startedAt,
    }));
  }
}
