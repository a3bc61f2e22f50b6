import type { TlsContext, TlsEngine } from "../mod.ts";

/** Does a full handshake of TLS 1.3 between two engines, joined in memory. */
export function handshake(
  sesame: {
    readonly TlsContext: typeof TlsContext;
    readonly TlsEngine: typeof TlsEngine;
  },
  certificate: { readonly cert: string; readonly key: string },
): void;
