import { received } from "../internal/received.ts";

/** An endpoint of a connection (RFC 8446, section 1.1). */
export type Endpoint = "client" | "server";

/** The peer of an endpoint. */
export function peerOf(endpoint: Endpoint): Endpoint {
  return endpoint === "client" ? "server" : "client";
}

/** Throws a `TypeError` unless the argument `name` is an endpoint. */
export function checkEndpoint(name: string, value: unknown): void {
  if (value === "client" || value === "server") return;
  throw new TypeError(
    `${name} must be "client" or "server", received ${received(value)}`,
  );
}
