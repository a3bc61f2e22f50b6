/**
 * A Worker whose every request makes contexts and does a handshake; the certificate
 * and the key are in the request.
 *
 * @module
 */
import * as sesame from "../mod.ts";
import { contexts, handshake } from "./start_sesame.mjs";

const worker: { fetch(request: Request): Promise<Response> } = {
  async fetch(request: Request): Promise<Response> {
    handshake(sesame, contexts(sesame, await request.json()));
    return new Response("done");
  },
};

export default worker;
