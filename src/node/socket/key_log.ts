import { appendFile } from "node:fs";
import process from "node:process";
import type { TLSSocketMembers } from "./members.ts";

const OWNER_ONLY = 0o600;

let hasWarned = false;
let hasWarnedOfFailure = false;

/** Appends a socket's keys to the file that Node's command line names. */
export function appendKeys(socket: TLSSocketMembers, path: string): void {
  if (!hasWarned) {
    hasWarned = true;
    process.emitWarning(
      `Using --tls-keylog makes TLS connections insecure by writing secret key material to file ${path}`,
    );
  }
  socket.on("keylog", (line: Uint8Array) => {
    appendFile(path, line, { mode: OWNER_ONLY }, (error) => {
      if (!error || hasWarnedOfFailure) return;
      hasWarnedOfFailure = true;
      process.emitWarning(
        `Failed to write TLS keylog (this warning will not be repeated): ${error}`,
      );
    });
  });
}
