import { createSecureContext } from "./context/secure_context.ts";
import { checkServerIdentity } from "./peer/check_server_identity.ts";

/**
 * Functions of the module that programs replace, by assignment: those that add authorities to
 * every context do. Ours call what is here.
 */
export const replaceable: {
  checkServerIdentity: typeof checkServerIdentity;
  createSecureContext: typeof createSecureContext;
} = { checkServerIdentity, createSecureContext };
