/** What `--config` takes. OpenSSL has no file system here, so names of files are no use to it. */
export const CONFIG_HELP =
  "a command of OpenSSL's SSL_CONF_cmd(3), such as Groups=X25519:P-256; those that " +
  "name files (VerifyCAFile, DHParameters) find none: see --cert, --key and --ca";
