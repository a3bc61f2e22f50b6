/** What extensions are for, by their names (RFC 8446, section 4.2, and IANA). */
export const EXTENSION_PURPOSES: Readonly<Record<string, string>> = {
  server_name: "The host that the client asks for, in clear.",
  supported_versions:
    "The versions that the client speaks; without it, TLS 1.3 can't be negotiated.",
  supported_groups: "The groups for the key exchange, the preferred one first.",
  key_share:
    "Keys for some of the groups. If the server wants another group, it sends a HelloRetryRequest.",
  signature_algorithms: "How the server may sign.",
  signature_algorithms_cert: "How its certificates may be signed.",
  application_layer_protocol_negotiation:
    "The application protocols that the client speaks.",
  pre_shared_key:
    "Sessions that the client proposes to resume. An identity of 32 bytes is an id in a store; a longer one holds the session, encrypted. The binders prove that the client has the secrets.",
  psk_key_exchange_modes:
    "How sessions may be resumed: psk_dhe_ke with a new key exchange, psk_ke without.",
  early_data:
    "The client sends data with its hello, before the server has answered (0-RTT). It may be a replay.",
  session_ticket:
    "A ticket of TLS 1.2, or an empty one, which asks for one (RFC 5077).",
  extended_master_secret:
    "Binds the master secret of TLS 1.2 to the handshake (RFC 7627). Sessions without it are not resumed.",
  encrypt_then_mac: "For the CBC cipher suites of TLS 1.2 (RFC 7366).",
  post_handshake_auth:
    "The client can be asked for a certificate after the handshake.",
  status_request: "Asks for an OCSP response with the certificate.",
  signed_certificate_timestamp: "Asks for proofs of certificate transparency.",
  cookie: "What a HelloRetryRequest asked to be sent back.",
  ec_point_formats: "For TLS 1.2: uncompressed points are all that is used.",
  renegotiation_info: "Says that renegotiation is secure (RFC 5746).",
  compress_certificate: "How certificates may be compressed (RFC 8879).",
  encrypted_client_hello:
    "The real hello, encrypted (ECH), or random bytes that look like it.",
  certificate_authorities: "The authorities that the client trusts.",
  padding: "Zeros that make the hello longer.",
  record_size_limit: "The longest record that the client takes (RFC 8449).",
};
