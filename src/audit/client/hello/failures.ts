import { decodeAlert } from "../../../testing/trace/decode.ts";
import type { VisitFailure } from "../visit_types.ts";

/** Thrown where an answer ends early. */
export class AnswerEnded extends Error {
  override readonly name = "AnswerEnded";
  readonly failure: VisitFailure;

  constructor(
    kind: VisitFailure["kind"],
    message: string,
    alert: string | null = null,
  ) {
    super(message);
    this.failure = { kind, alert, message };
  }
}

/** The end of an answer that is no valid TLS. */
export function malformed(message: string): AnswerEnded {
  return new AnswerEnded("error", message);
}

/**
 * Takes an alert: a warning is passed over.
 *
 * @throws {AnswerEnded} If it ends the connection.
 */
export function onAlert(bytes: Uint8Array): void {
  if (bytes.length !== 2) throw malformed("the server's alert is malformed");
  const { level, name } = decodeAlert(bytes);
  if (name === "close_notify") {
    throw new AnswerEnded("closed", "the server closed the connection");
  }
  if (level === "fatal") {
    throw new AnswerEnded("alert", `the server sent the alert ${name}`, name);
  }
}
