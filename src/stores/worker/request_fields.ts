/**
 * The fields of a request, checked: they come from another thread.
 *
 * @module
 */

import { ownOptions } from "../../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../../internal/session_arguments.ts";
import type { RemovalReason, SessionSetOptions } from "../session_store.ts";
import type { Fields } from "./messages.ts";

/** All reasons, to reject other strings. */
const REASONS: Readonly<Record<RemovalReason, true>> = {
  "expired": true,
  "evicted": true,
  "fatal": true,
  "unclean": true,
  "consumed": true,
  "context-closed": true,
  "damaged": true,
  "revoked": true,
};

/** The arguments of `set`. */
export interface SetArguments {
  readonly id: Uint8Array;
  readonly record: Uint8Array;
  readonly options: SessionSetOptions;
}

/** The arguments of `set` in a request. */
export function setArgumentsOf(fields: Fields): SetArguments {
  const { id, record, expiresAt, tag } = ownOptions(fields) as {
    id: Uint8Array;
    record: Uint8Array;
    expiresAt: Date;
    tag?: string;
  };
  const options = { expiresAt, ...(tag === undefined ? {} : { tag }) };
  checkSetArguments(id, record, ownOptions(options));
  return { id, record, options };
}

/** The id in a request. */
export function idOf(fields: Fields): Uint8Array {
  const id = fields["id"] as Uint8Array;
  checkId(id);
  return id;
}

/** The tag in a request. */
export function tagOf(fields: Fields): string {
  const tag = fields["tag"] as string;
  checkTag(tag);
  return tag;
}

/** The reason in a request to remove a session. */
export function reasonOf({ reason }: Fields): RemovalReason {
  if (typeof reason === "string" && Object.hasOwn(REASONS, reason)) {
    return reason as RemovalReason;
  }
  throw new TypeError("Cannot remove the session: unknown reason");
}
