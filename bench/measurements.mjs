// @ts-self-types="./measurements.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- measurements.d.mts has the types

const common = {
  metric: "handshakes/s",
  version: "TLSv1.3",
  key: "P-256",
  group: "X25519",
  cipher: "AES-128-GCM",
};

const overTcp = { ...common, metric: "handshakes/s over TCP", resumed: true };

export const measurements = [
  { ...common, version: "TLSv1.2", resumed: false },
  { ...common, version: "TLSv1.2", resumed: true },
  { ...common, version: "TLSv1.2", key: "RSA-2048", resumed: false },
  { ...common, version: "TLSv1.2", key: "RSA-2048", resumed: true },
  { ...common, resumed: false },
  { ...common, resumed: true },
  { ...common, key: "RSA-2048", resumed: false },
  { ...common, key: "RSA-2048", resumed: true },
  { ...common, group: "X25519MLKEM768", resumed: false },
  { ...common, group: "X25519MLKEM768", resumed: true },
  { ...common, metric: "server's side/s", version: "TLSv1.2", resumed: true },
  { ...common, metric: "server's side/s", resumed: true },
  { ...overTcp, version: "TLSv1.2" },
  overTcp,
  { ...overTcp, tickets: "stateless" },
  { ...overTcp, metric: "handshakes/s over TCP, cold", version: "TLSv1.2" },
  { ...overTcp, metric: "handshakes/s over TCP, cold" },
  { ...common, metric: "bytes/s" },
  { ...common, metric: "bytes/s", cipher: "AES-256-GCM" },
  { ...common, metric: "bytes/s", cipher: "ChaCha20-Poly1305" },
  { ...common, metric: "read/write over TCP" },
  { ...common, metric: "pipeTo over TCP" },
  { ...common, metric: "requests/s" },
  { ...common, metric: "requests/s, serveTls" },
  { ...common, metric: "malloc/connection", version: "TLSv1.2" },
  { ...common, metric: "malloc/connection" },
  { ...common, metric: "rss/connection", version: "TLSv1.2" },
  { ...common, metric: "rss/connection" },
  { ...common, metric: "rss/connection over TCP", version: "TLSv1.2" },
  { ...common, metric: "rss/connection over TCP" },
  { ...common, metric: "ms from start", resumed: false },
  { ...common, metric: "ms from import", resumed: false },
];

export function nameOf(m) {
  if (m.metric === "primitives") return `primitives ${m.primitive}`;
  const mode = m.resumed === undefined ? [] : [m.resumed ? "resumed" : "full"];
  const tickets = m.tickets === undefined ? [] : [m.tickets];
  const all = [m.version, m.key, m.group, m.cipher, ...mode, ...tickets];
  return [m.metric, ...all].join(" ");
}
