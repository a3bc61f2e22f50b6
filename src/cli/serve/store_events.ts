import { errorText } from "../format.ts";
import type { OpenStoreOptions } from "../open_store.ts";
import type { ServerEvents } from "./server.ts";

/** Listeners that report the events of a store as warnings of the server. */
export function storeEvents(
  onWarning: ServerEvents["onWarning"],
): Required<Pick<OpenStoreOptions, "onRejected" | "onOutage">> {
  return {
    onRejected: (error) => onWarning("Store", errorText(error)),
    // Each event has its own topic, so that one doesn't suppress the other.
    onOutage: (event, message) => onWarning(`Store ${event}`, message),
  };
}
