import {
  type OptionPath,
  optionTypeError,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import {
  SSL_CONF_FLAG_CERTIFICATE,
  SSL_CONF_FLAG_CLIENT,
  SSL_CONF_FLAG_FILE,
  SSL_CONF_FLAG_SERVER,
  SSL_CONF_FLAG_SHOW_ERRORS,
} from "../../libssl/constants.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated, optionFailure } from "../errors/openssl_error.ts";

/**
 * Runs the configuration file commands of SSL_CONF_cmd(3) on a context.
 *
 * @throws {TypeError} If a command is not a pair of strings.
 * @throws {TlsError} `configuration`, with OpenSSL's reason and the path of the command, if it
 * refuses one.
 */
export function configure(
  libssl: Libssl,
  ctx: SSL_CTX,
  commands: readonly (readonly [command: string, value: string])[],
): void {
  if (!Array.isArray(commands)) {
    throw optionTypeError(
      "configure",
      `must be an array of pairs such as ["Groups", "X25519"], received ${
        received(commands)
      }`,
    );
  }
  const conf = allocated(libssl.SSL_CONF_CTX_new(), "a configuration");
  try {
    libssl.SSL_CONF_CTX_set_flags(
      conf,
      SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_CLIENT | SSL_CONF_FLAG_SERVER |
        SSL_CONF_FLAG_CERTIFICATE | SSL_CONF_FLAG_SHOW_ERRORS,
    );
    libssl.SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    for (const [i, entry] of commands.entries()) {
      if (!Array.isArray(entry) || entry.length !== 2) {
        throw optionTypeError(
          ["configure", i],
          `must be a pair of a command and its value, received ${
            received(entry)
          }`,
        );
      }
      const [command, value] = entry;
      if (libssl.SSL_CONF_cmd(conf, command, value) <= 0) {
        throw refusal(libssl, ["configure", i], `${command}=${value}`);
      }
    }
    if (libssl.SSL_CONF_CTX_finish(conf) !== 1) {
      throw refusal(libssl, ["configure"]);
    }
  } finally {
    libssl.SSL_CONF_CTX_free(conf);
  }
}

function refusal(libssl: Libssl, path: OptionPath, command?: string): Error {
  return optionFailure(
    libssl,
    "configuration",
    path,
    (nameOf) => `Cannot configure ${command ?? nameOf(path)}`,
  );
}
