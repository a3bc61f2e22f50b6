import type { TlsContext, TlsEngine } from "../mod.ts";

/** What a handshake is between. */
export interface Contexts {
  readonly server: TlsContext;
  readonly client: TlsContext;
}

/** Makes the contexts of a server with a certificate and of a client that trusts it. */
export function contexts(
  sesame: { readonly TlsContext: typeof TlsContext },
  certificate: { readonly cert: string; readonly key: string },
): Contexts;

/** Does a full handshake of TLS 1.3 between two engines, joined in memory. */
export function handshake(
  sesame: { readonly TlsEngine: typeof TlsEngine },
  contexts: Contexts,
): void;
