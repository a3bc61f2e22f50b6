import type { HostAndPort } from "../host_and_port.ts";
import { CONTENT_TYPE, exposition } from "./exposition.ts";
import { metricsOf } from "./metrics.ts";
import type { ServerGroup } from "./server_group.ts";

/** A plain HTTP server with `/metrics` for Prometheus and `/healthz` for health checks. */
export class MetricsServer {
  /** Whether new connections are accepted, for `/healthz`. */
  isServing = true;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #servers: ServerGroup;
  readonly #startedAt = Date.now();

  /** Starts to listen. Throws the error of `Deno.serve` if that fails. */
  constructor({ hostname, port }: HostAndPort, servers: ServerGroup) {
    this.#servers = servers;
    this.#server = Deno.serve(
      { hostname, port, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** The address that it listens on. */
  get addr(): HostAndPort {
    return this.#server.addr;
  }

  /** Stops listening. */
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
        return new Response("Not found: see /metrics and /healthz\n", {
          status: 404,
        });
    }
  }

  #health(): Response {
    if (!this.isServing) return new Response("draining\n", { status: 503 });
    return this.#servers.serving > 0
      ? new Response("ok\n")
      : new Response("no worker is listening\n", { status: 503 });
  }

  async #metrics(): Promise<string> {
    const figures = await this.#servers.figures();
    return exposition(metricsOf(figures, {
      serving: this.#servers.serving,
      restarts: this.#servers.restarts,
      startedAt: this.#startedAt,
    }));
  }
}
