/** In Node.js: its cipher suites and its defaults. */
export default async function run(): Promise<unknown> {
  const { default: tls } = await import("node:tls");
  const {
    CLIENT_RENEG_LIMIT,
    CLIENT_RENEG_WINDOW,
    DEFAULT_CIPHERS,
    DEFAULT_ECDH_CURVE,
    DEFAULT_MAX_VERSION,
    DEFAULT_MIN_VERSION,
  } = tls as unknown as Record<string, unknown>;
  return [tls.getCiphers(), {
    CLIENT_RENEG_LIMIT,
    CLIENT_RENEG_WINDOW,
    DEFAULT_CIPHERS,
    DEFAULT_ECDH_CURVE,
    DEFAULT_MAX_VERSION,
    DEFAULT_MIN_VERSION,
  }];
}
