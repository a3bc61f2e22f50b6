import type { OpenStoreOptions } from "../open_store.ts";
import type { ServerEvents } from "./server.ts";
import { failureText } from "../format.ts";

/** What a store has to tell, as trouble of a server. */
export function storeEvents(
  onTrouble: ServerEvents["onTrouble"],
): Required<Pick<OpenStoreOptions, "onRejected" | "onOutage">> {
  return {
    onRejected: (error) => onTrouble("Store", failureText(error)),
    // Of another sort each, so that none is held back as more of the same.
    onOutage: (event, message) => onTrouble(`Store ${event}`, message),
  };
}
