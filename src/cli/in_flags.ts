/** A message about a context's options, in the names that they have here. */
export function inFlags(message: string): string {
  const own: Record<string, string> = {
    sessions: "store",
    caCerts: "ca",
    alpnProtocols: "alpn",
    keyLog: "keylog",
    sessionIdKey: "session-id-key-file",
    configure: "config",
    passphrase: "passphrase-file",
    allowPartialChain: "partial-chain",
  };
  return message
    .replaceAll(
      /options\.certificates\[(\d+)\]\.(\w+)/g,
      (_all, i: string, name: string) =>
        `options.${name} of certificate ${Number(i) + 1}`,
    )
    .replaceAll(
      /options\.certificates\[(\d+)\]/g,
      (_all, i: string) => `certificate ${Number(i) + 1}`,
    )
    .replaceAll(/options\.(\w+)/g, (_all, name: string) => {
      const words = name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
      return `--${own[name] ?? words}`;
    })
    .replace(/^Cannot configure (?!--)/, "Cannot configure --config ");
}
