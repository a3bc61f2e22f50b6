import type { SocketEvents } from "./socket_events.ts";
import { Internals } from "../../internal/internals.ts";

/** What is inside of each `TLSSocket`. */
export const socketInternals = new Internals<SocketEvents>("TLSSocket");
