/** Where something listens. */
export interface HostAndPort {
  /** The name or address, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}
