/** All servers that are audited, those of HTTP first. */
import type { AuditedServer } from "../server.ts";
import { apache } from "./apache.ts";
import { imap, pop3 } from "./dovecot.ts";
import { gnutls } from "./gnutls.ts";
import { go } from "./go.ts";
import { haproxy } from "./haproxy.ts";
import { lighttpd } from "./lighttpd.ts";
import { ftp, mysql, postgresql, smtp } from "./mail_and_data.ts";
import { nginx } from "./nginx.ts";
import { node } from "./node.ts";
import { openssl } from "./openssl.ts";
import { serve } from "./serve.ts";
import { slapd } from "./slapd.ts";
import { stunnel } from "./stunnel.ts";

/** The servers. */
export const SERVERS: readonly AuditedServer[] = [
  nginx,
  apache,
  haproxy,
  lighttpd,
  stunnel,
  gnutls,
  openssl,
  node,
  go,
  serve,
  smtp,
  imap,
  pop3,
  ftp,
  postgresql,
  mysql,
  slapd,
];
