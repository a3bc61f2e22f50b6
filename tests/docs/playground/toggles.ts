/** The settings of the playground, and what they do to a connection. */

/** What each toggle does: the choices, what is pressed then, and the library's word for it. */
export const TOGGLES: readonly {
  readonly name: string;
  readonly choices?: Readonly<Record<string, string>>;
  readonly before?: readonly ("connect" | "again")[];
  readonly clock?: string;
  readonly press: "connect" | "again" | "replay";
  readonly term: string;
  readonly text?: string;
}[] = [
  { name: "nothing", press: "again", term: 'from: "store"' },
  {
    name: "the version",
    choices: { version: "1.2" },
    press: "again",
    term: 'reason: "unknown-id"',
    text: "session is of another version",
  },
  {
    name: "shared ticket keys",
    choices: { tickets: "stateless" },
    before: ["connect"],
    press: "again",
    term: 'from: "ticket"',
  },
  {
    name: "a ticket key per server",
    choices: { tickets: "own-keys" },
    before: ["connect"],
    press: "again",
    term: 'reason: "ticket-rejected"',
  },
  {
    name: "no tickets",
    choices: { tickets: "off" },
    before: ["connect"],
    press: "again",
    term: 'reason: "none-offered"',
  },
  {
    name: "a store that is slow",
    choices: { latency: "40" },
    press: "again",
    term: 'from: "store"',
  },
  {
    name: "a store that never answers",
    choices: { latency: "never" },
    press: "again",
    term: 'reason: "deadline"',
  },
  {
    name: "a store that fails",
    choices: { failure: "error" },
    press: "again",
    term: 'reason: "store-failed"',
  },
  {
    name: "a damaged record",
    choices: { failure: "corrupt" },
    press: "again",
    term: 'reason: "malformed-record"',
  },
  {
    name: "lost writes",
    choices: { failure: "lost-write" },
    before: ["connect"],
    press: "again",
    term: 'reason: "unknown-id"',
  },
  { name: "the clock", clock: "3h", press: "again", term: 'reason: "expired"' },
  {
    name: "single use",
    choices: { once: "on" },
    before: ["connect", "again"],
    press: "replay",
    term: 'code: "handshake"',
    text: "had been taken out of the store",
  },
  {
    name: "early data",
    choices: { once: "on", early: "on" },
    before: ["connect"],
    press: "again",
    term: 'from: "store"',
    text: "read 18 bytes of early data",
  },
  {
    name: "replayed early data",
    choices: { once: "on", early: "on" },
    before: ["connect", "again"],
    press: "replay",
    term: "the server waits for the client's Finished",
    text: "No early data was accepted",
  },
  {
    name: "HelloRetryRequest",
    choices: { retry: "on" },
    press: "again",
    term: 'reason: "group-mismatch"',
  },
  {
    name: "a client certificate",
    choices: { auth: "shown" },
    press: "again",
    term: 'reason: "context-mismatch"',
  },
  {
    name: "a client certificate that is missing",
    choices: { auth: "missing" },
    press: "connect",
    term: 'code: "handshake"',
    text: "certificate_required",
  },
  {
    name: "the virtual host",
    choices: { host: "mail.example" },
    press: "again",
    term: 'reason: "context-mismatch"',
  },
  {
    name: "a byte of the hello",
    choices: { byte: "client-hello" },
    press: "connect",
    term: 'code: "handshake"',
    text: "bad_record_mac",
  },
];
