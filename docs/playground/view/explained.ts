/// <reference lib="dom" />
import type { TraceExtension, TraceMessage } from "../../../src/testing/mod.ts";
import type { Explained } from "../explain/explain.ts";
import { EXTENSION_PURPOSES } from "../explain/extensions.ts";
import { h } from "./dom.ts";
import { drawLadder } from "./ladder.ts";
import { secret, sessionFields } from "./session.ts";

/** Shows what bytes are. */
export function explainedView(
  explained: Explained,
  width: number,
): HTMLElement {
  switch (explained.kind) {
    case "session":
      return h(
        "div",
        {},
        h("h3", {}, "A TLS session"),
        h(
          "p",
          {},
          "What is kept of a handshake, for another to resume. Whoever has it can take the client's or the server's place, and can decrypt what was recorded of its connections in TLS 1.2.",
        ),
        sessionFields(explained.found, Date.now()),
      );
    case "message":
      return messageView(explained);
    case "capture":
      return captureView(explained, width);
    case "unknown":
      return h("p", {}, explained.text);
  }
}

function messageView(
  { read }: Extract<Explained, { kind: "message" }>,
): HTMLElement {
  const body = h("div", {}, contentsOf(read(false)));
  const hasSecrets = JSON.stringify(read(true)) !== JSON.stringify(read(false));
  const button = h("button", {
    type: "button",
    class: "small",
    "aria-pressed": "false",
    onclick: () => {
      const isOpen = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isOpen));
      button.textContent = isOpen ? "Hide" : REVEAL;
      body.replaceChildren(contentsOf(read(isOpen)));
    },
  }, REVEAL);
  const message = read(false);
  return h(
    "div",
    {},
    h("h3", {}, `A ${message.name}`),
    h("p", {}, summaryOf(message)),
    hasSecrets && h(
      "p",
      { class: "with-button" },
      "Tickets and identities are shown by a hash, random bytes and keys by their beginning. ",
      button,
    ),
    body,
  );
}

const REVEAL = "Reveal all bytes";

/** A hello in a sentence. */
function summaryOf(message: TraceMessage): string {
  const malformed = message.malformed
    ? " It is malformed or cut off: only what could be read is shown."
    : "";
  if (message.name !== "ClientHello") {
    return (message.name === "ServerHello"
      ? `The server selects ${message.version} and ${message.cipherSuite}.`
      : "The server asks for another hello.") + malformed;
  }
  const { extensions, versions, sessionId, cipherSuites } = message;
  const host = extensions.find(({ serverName }) => serverName)?.serverName;
  const identities = extensions.flatMap(({ identities }) => identities ?? []);
  const ticket = extensions.find(({ ticket }) => ticket?.length)?.ticket;
  const proposal = identities.length > 0
    ? `It proposes ${
      identities.map(({ identity }) => kindOfIdentity(identity.length))
        .join(" and ")
    }.`
    : ticket
    ? `It proposes a session of TLS 1.2, in a ticket of ${ticket.length} bytes.`
    : sessionId !== "" && !versions.includes("TLSv1.3")
    ? "It proposes a session of TLS 1.2, by its id."
    : "It proposes no session.";
  return `A client that speaks ${versions.join(", ")} asks for ${
    host ?? "a host that it doesn't name"
  }, with ${cipherSuites.length} cipher suites. ${proposal}${malformed}`;
}

function kindOfIdentity(length: number): string {
  return length === 32
    ? "a session by an id of 32 bytes, which OpenSSL looks up in a store"
    : `a session in a ticket of ${length} bytes`;
}

function contentsOf(message: TraceMessage): HTMLElement {
  const { name: _, malformed: __, ...rest } = message;
  const { extensions, ...fields } = rest as typeof rest & {
    extensions?: readonly TraceExtension[];
  };
  return h(
    "div",
    {},
    valueOf(fields),
    extensions && h("h4", {}, `Extensions (${extensions.length})`),
    ...(extensions ?? []).map(extensionView),
  );
}

function extensionView(extension: TraceExtension): HTMLElement {
  const { type, name, length, malformed, ...content } = extension;
  const purpose = EXTENSION_PURPOSES[name];
  return h(
    "details",
    { class: "extension", open: Object.keys(content).length > 0 },
    h(
      "summary",
      {},
      h("code", {}, name),
      h(
        "span",
        { class: "muted" },
        ` ${type}, ${length} bytes${malformed ? ", malformed" : ""}`,
      ),
    ),
    purpose !== undefined && h("p", {}, purpose),
    Object.keys(content).length > 0 && valueOf(content),
  );
}

/** Any value of a message. */
function valueOf(value: unknown): HTMLElement {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object")) {
      return h("span", {}, value.length === 0 ? "none" : value.join(", "));
    }
    return h("ol", {}, ...value.map((item) => h("li", {}, valueOf(item))));
  }
  if (typeof value !== "object" || value === null) {
    return h("span", {}, value === "" ? "none" : String(value));
  }
  if ("text" in value && "length" in value) {
    return h(
      "span",
      {},
      h("code", {}, String(value.text)),
      ` (${value.length} bytes)`,
    );
  }
  return h(
    "dl",
    { class: "facts" },
    ...Object.entries(value).flatMap(([name, field]) => [
      h("dt", {}, worded(name)),
      h("dd", {}, valueOf(field)),
    ]),
  );
}

/** A name of a property in words. */
function worded(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function captureView(
  { capture, facts }: Extract<Explained, { kind: "capture" }>,
  width: number,
): HTMLElement {
  const { comment, keyLog, others, hasGaps, segments } = capture;
  const bytes = segments.reduce(
    (sum, segment) => sum + segment.bytes.length,
    0,
  );
  const notes = [
    ...(comment === null ? [] : [`The file says: ${comment}.`]),
    ...(hasGaps ? ["Packets are missing, or out of order."] : []),
    ...(others > 0 ? [`It has ${others} other connections.`] : []),
    ...(facts.isCut
      ? [`Only the first ${facts.rows.length} rows are shown.`]
      : []),
    "Messages in clear are decoded; in TLS 1.3 all from EncryptedExtensions on are encrypted. Wireshark decrypts them with the key log.",
  ];
  return h(
    "div",
    {},
    h("h3", {}, "A capture"),
    h(
      "p",
      {},
      `${segments.length} segments, ${bytes} bytes. ${notes.join(" ")}`,
    ),
    keyLog.length > 0 && h(
      "details",
      { class: "extension" },
      h(
        "summary",
        {},
        `The file has a key log of ${keyLog.length} lines, which decrypts it`,
      ),
      h(
        "ul",
        {},
        ...keyLog.map((line) => {
          const [label = "", , value = ""] = line.split(" ");
          return h("li", {}, h("code", {}, label), " ", secret(() => value));
        }),
      ),
    ),
    drawLadder(facts.rows, width, "Ladder of the capture"),
    ...facts.messages.filter(({ name }) => /Hello/.test(name)).map((message) =>
      h(
        "details",
        { class: "extension" },
        h("summary", {}, h("code", {}, message.name)),
        h("p", {}, summaryOf(message)),
        contentsOf(message),
      )
    ),
  );
}
