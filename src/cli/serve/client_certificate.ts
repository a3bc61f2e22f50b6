import { TlsError, type TlsSocket } from "../../../mod.ts";

/**
 * Requests a client's certificate after the handshake (RFC 8446, 4.6.2), unless it is known
 * from a resumed session.
 *
 * @param policy Whether the certificate is requested or required; `undefined` for neither.
 * @throws {TlsError} If the client has no valid certificate, or doesn't support the request
 * although a certificate is required.
 */
export async function requestCertificate(
  socket: TlsSocket,
  policy: "request" | "require" | undefined,
): Promise<void> {
  if (policy === undefined || socket.info?.peerCertificate) return;
  try {
    await socket.requestCertificate({ required: policy === "require" });
  } catch (error) {
    // TLS 1.2, or a client without the extension post_handshake_auth.
    const isUnsupported = error instanceof TlsError &&
      error.code === "protocol";
    if (!isUnsupported || policy === "require") throw error;
  }
}
