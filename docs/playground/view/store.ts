/// <reference lib="dom" />
import { decodeSessionRecord } from "../../../mod.ts";
import { durationText } from "../../../src/cli/format.ts";
import type { StoredRecord } from "../model/run.ts";
import { h } from "./dom.ts";
import { sessionFields } from "./session.ts";

/** The number of characters of an id that a summary shows. */
const SHOWN_ID = 12;

/** The records of the store, the newest first. */
export function storeView(
  records: readonly StoredRecord[],
  known: ReadonlySet<string>,
  now: number,
): HTMLElement {
  if (records.length === 0) {
    return h("p", { class: "muted" }, "No sessions.");
  }
  const items = records.toReversed().map(({ id, record }) => {
    const name = id.toHex();
    return h(
      "li",
      {},
      h(
        "details",
        {},
        h(
          "summary",
          {},
          h("code", {}, `${name.slice(0, SHOWN_ID)}…`),
          !known.has(name) && h("span", { class: "badge" }, "new"),
          h("span", { class: "muted" }, expiryOf(record, now)),
        ),
        contentsOf(record, now),
      ),
    );
  });
  return h("ul", { class: "records" }, ...items);
}

function expiryOf(record: Uint8Array, now: number): string {
  const decoded = decodeSessionRecord(record);
  if (typeof decoded === "string") return decoded;
  const left = decoded.expiresAt - now;
  return left > 0 ? `expires in ${durationText(left)}` : "expired";
}

function contentsOf(record: Uint8Array, now: number): HTMLElement {
  const decoded = decodeSessionRecord(record);
  if (typeof decoded === "string") {
    return h("p", {}, `The record is ${decoded}.`);
  }
  return h(
    "div",
    {},
    h(
      "p",
      { class: "muted" },
      `A record of ${record.length} bytes: version ${
        record[0]
      }, expiry, session id context, the session in DER, CRC-32.`,
    ),
    sessionFields({
      form: "store record",
      der: decoded.der,
      recordExpiresAt: new Date(decoded.expiresAt),
    }, now),
  );
}
