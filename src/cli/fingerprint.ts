/** The SHA-256 fingerprint of a certificate in DER, as browsers and OpenSSL print it. */
export async function fingerprint(der: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(der));
  const hex = new Uint8Array(digest).toHex().toUpperCase();
  return hex.match(/../g)?.join(":") ?? "";
}
