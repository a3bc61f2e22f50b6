import tls from "node:tls";
import { contextsMade, SecureContext } from "../context/secure_context.ts";

/** Node's own `TLSSocket`, where it takes its context. */
interface OwnSocket {
  _tlsOptions: {
    readonly secureContext?: unknown;
    readonly credentials?: unknown;
  };
  _wrapHandle?(...args: unknown[]): unknown;
}

/**
 * Has Node's own sockets go on: those of `node:http2`'s servers, and of who has kept a function
 * from before. Their contexts come from `tls.createSecureContext`, which is ours by then; what
 * Node's would make of the same options takes the place of ours. What undoes it.
 */
export function keepOwnSockets(): () => void {
  const { createSecureContext } = tls;
  const prototype = tls.TLSSocket.prototype as tls.TLSSocket & OwnSocket;
  const wrap = prototype._wrapHandle;
  if (wrap === undefined) return () => {};
  const made = new WeakMap<SecureContext, tls.SecureContext>();
  contextsMade.options = new WeakMap();

  const ownOf = (context: unknown, options: object): unknown => {
    if (context === undefined) return createSecureContext(options);
    if (!(context instanceof SecureContext)) return context;
    const own = made.get(context) ?? createSecureContext(
      contextsMade.options?.get(context) as tls.SecureContextOptions,
    );
    made.set(context, own);
    return own;
  };
  prototype._wrapHandle = function (...args): unknown {
    const options = this._tlsOptions;
    const context = options.secureContext || options.credentials || undefined;
    this._tlsOptions = { ...options, secureContext: ownOf(context, options) };
    return Reflect.apply(wrap, this, args);
  };
  return () => {
    prototype._wrapHandle = wrap;
    contextsMade.options = undefined;
  };
}
