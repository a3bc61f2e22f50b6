/**
 * Why a server didn't resume a session:
 *
 * - `"none-offered"`: the client proposed none;
 * - `"disabled"`: the context resumes nothing (`tickets: "off"`);
 * - `"unknown-id"`: neither the store nor the internal cache has the session;
 * - `"id-not-ours"`: the id wasn't made with any of the `sessionIdKey`s;
 * - `"expired"`: its lifetime is over;
 * - `"too-old"`: the client's last proof, by the full handshake from which the session comes,
 *   is longer ago than `maxSessionAge`;
 * - `"certificate-expired"`: a certificate by which the client proved itself has ended since;
 * - `"context-mismatch"`: it belongs to another server name, to another policy of
 *   client authentication, or to another application;
 * - `"version-mismatch"`, `"cipher-mismatch"`, `"group-mismatch"`: the peers agreed on another
 *   one, or the context that serves wouldn't negotiate the session's now;
 * - `"ticket-rejected"`: a stateless ticket can't be decrypted, or OpenSSL doesn't take
 *   what is in it: it is bound to something else;
 * - `"store-failed"`: the store threw or rejected;
 * - `"not-revalidated"`: the context's `revalidate` said no to its client;
 * - `"revalidation-failed"`: `revalidate` threw, rejected, or answered with no boolean;
 * - `"deadline"`: the store, or `revalidate`, didn't answer in time;
 * - `"malformed-record"`: the store's answer isn't that session;
 * - `"refused"`: OpenSSL didn't take the session that the store had.
 *
 * And why a client didn't: `"none-offered"`, `"expired"`, `"too-old"` or
 * `"certificate-expired"`, of the server's proof and certificates, or `"server-declined"`.
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
 * Where a resumed session came from: for servers the store, OpenSSL's internal cache or
 * a stateless ticket; for clients the session that they proposed.
 */
export type ResumptionSource = "store" | "internal" | "ticket" | "session";

/** Whether a handshake resumed a session, and from where or why not. */
export type Resumption =
  | { readonly resumed: true; readonly from: ResumptionSource }
  | { readonly resumed: false; readonly reason: ResumptionFailure };
