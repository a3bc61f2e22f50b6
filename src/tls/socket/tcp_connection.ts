/** A TCP connection as Deno has them. */
export interface TcpConnection {
  /** The address at this end. */
  readonly localAddr: { readonly hostname: string; readonly port: number };
  /** The peer's address. */
  readonly remoteAddr: { readonly hostname: string; readonly port: number };
  /** Reads some bytes into `into`: returns how many, or `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes: returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends writing; reading goes on. */
  closeWrite(): Promise<void>;
  /** Closes both directions: a `read` that is under way rejects. */
  close(): void;
  /** Turns Nagle's algorithm off or on. */
  setNoDelay(noDelay: boolean): void;
  /** Keeps the runtime alive for reads and writes that are under way, as by default. */
  ref?(): void;
  /** Lets the runtime end in spite of them. */
  unref?(): void;
}
