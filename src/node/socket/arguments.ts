/** A function without a known shape. */
type Callback = (...args: unknown[]) => void;

/** The options of a call of `connect`, and its call back. */
export interface ConnectArguments {
  /** The options. */
  readonly options: Record<string, unknown>;
  /** What is called back. */
  readonly callback: Callback | undefined;
}

/** What `net.connect(...)` is called with: options, a path, or a port and a host. */
export function netArguments(args: readonly unknown[]): ConnectArguments {
  const [first, second] = args;
  const last = args.at(-1);
  const callback = typeof last === "function" ? last as Callback : undefined;
  if (typeof first === "object" && first !== null) {
    return { options: first as Record<string, unknown>, callback };
  }
  if (first === undefined || typeof first === "function") {
    return { options: {}, callback };
  }
  if (typeof first === "string" && !isPort(first)) {
    return { options: { path: first }, callback };
  }
  const host = typeof second === "string" ? { host: second } : {};
  return { options: { port: first, ...host }, callback };
}

/** What `tls.connect(...)` is called with: as {@linkcode netArguments}, with options behind it. */
export function tlsArguments(args: readonly unknown[]): ConnectArguments {
  const { options, callback } = netArguments(args);
  const [, second, third] = args;
  const more = typeof second === "object" && second !== null ? second : third;
  const given = typeof more === "object" && more !== null ? more : {};
  return { options: { ...options, ...given }, callback };
}

function isPort(text: string): boolean {
  return text !== "" && Number(text) >= 0;
}
