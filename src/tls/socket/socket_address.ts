import { parseAddress } from "../../internal/address.ts";

/** The address of one end of a connection, as Deno's connections have it. */
export interface TlsSocketAddress {
  /** Always `"tcp"`. */
  readonly transport: "tcp";
  /** The IP address; `""` if the transport has none. */
  readonly hostname: string;
  /** The port; 0 if the transport has none. */
  readonly port: number;
}

/** The address that a transport has as text. */
export function socketAddress(address: string | undefined): TlsSocketAddress {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return { transport: "tcp", hostname: "", port: 0, ...parsed };
}
