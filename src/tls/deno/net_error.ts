import { formatAddress, type HostPort } from "../../internal/address.ts";

/**
 * The fields that Deno's error gets when TCP fails in `connectTls` or `listenTls`, named as
 * in the system errors of Node.js.
 */
export interface NetErrorFields {
  /** Which call failed. */
  readonly syscall: "connect" | "listen";
  /** The host name or IP address that was connected to or listened on. */
  readonly address: string;
  /** The port. */
  readonly port: number;
  /** The system's name of the error, such as `"ECONNREFUSED"`, if it has one. */
  readonly code?: string;
}

/**
 * What Deno threw, with what failed in front of its message: of the same class, with the
 * error itself as its cause and the fields of {@linkcode NetErrorFields}. What lacks a
 * permission is left, as it says how to get it.
 */
export function netError(
  error: unknown,
  syscall: NetErrorFields["syscall"],
  address: HostPort,
): unknown {
  if (
    !(error instanceof Error) || error instanceof Deno.errors.NotCapable
  ) return error;
  const Kind = Object.values(Deno.errors)
    .find((kind) => kind === error.constructor) ?? Error;
  const action = syscall === "connect" ? "connect to" : "listen on";
  const reason = error.message || error.name;
  const { hostname, port } = address;
  const fields: NetErrorFields = {
    syscall,
    address: hostname,
    port,
    ...("code" in error && typeof error.code === "string" &&
      { code: error.code }),
  };
  return Object.assign(
    new Kind(`Cannot ${action} ${formatAddress(address)}: ${reason}`, {
      cause: error,
    }),
    fields,
  );
}
