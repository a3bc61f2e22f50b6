/**
 * Why a handshake didn't resume a session. For servers:
 *
 * - `"none-offered"`: the client offered none;
 * - `"disabled"`: the context has `tickets: "off"`;
 * - `"unknown-id"`: neither the store nor OpenSSL's internal cache has the session;
 * - `"id-not-ours"`: the id has no MAC by any of the `sessionIdKey`s;
 * - `"expired"`: its lifetime has ended;
 * - `"too-old"`: the last full handshake is longer ago than `maxSessionAge`;
 * - `"certificate-expired"`: a certificate that the client was verified by has expired since;
 * - `"context-mismatch"`: it is bound to another server name, other client authentication, or
 *   another `sessionIdContext`;
 * - `"version-mismatch"`, `"cipher-mismatch"`, `"group-mismatch"`: the handshake negotiated
 *   another version, cipher suite or group, or the context doesn't allow the session's;
 * - `"ticket-rejected"`: a stateless ticket can't be decrypted, or its session is bound to
 *   something else;
 * - `"store-failed"`: the store threw or rejected;
 * - `"not-revalidated"`: `revalidate` returned `false`;
 * - `"revalidation-failed"`: `revalidate` threw, rejected, or returned no boolean;
 * - `"deadline"`: the store or `revalidate` took longer than `lookupTimeout`;
 * - `"malformed-record"`: the store returned something else than the session;
 * - `"refused"`: OpenSSL refused the session that the store returned.
 *
 * For clients: `"none-offered"`, `"expired"`, `"too-old"` and `"certificate-expired"`, in
 * which case the session wasn't offered, and `"server-declined"`.
 */
export type ResumptionFailure =
  | "none-offered"
  | "disabled"
  | "unknown-id"
  | "id-not-ours"
  | "expired"
  | "too-old"
  | "certificate-expired"
  | "context-mismatch"
  | "version-mismatch"
  | "cipher-mismatch"
  | "group-mismatch"
  | "ticket-rejected"
  | "store-failed"
  | "not-revalidated"
  | "revalidation-failed"
  | "deadline"
  | "malformed-record"
  | "refused"
  | "server-declined";

/**
 * Where a resumed session came from: for servers the store, OpenSSL's internal cache or a
 * stateless ticket; for clients the option `session`.
 */
export type ResumptionSource = "store" | "internal" | "ticket" | "session";

/** Whether a handshake resumed a session, and from where or why not. */
export type Resumption =
  | { readonly resumed: true; readonly from: ResumptionSource }
  | { readonly resumed: false; readonly reason: ResumptionFailure };
