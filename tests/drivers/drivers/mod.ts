import type { Driver } from "../site.ts";
import { CLIENTS } from "../http/clients.ts";
import { FRAMEWORKS } from "../http/frameworks.ts";
import { basicFtp } from "./basic_ftp.ts";
import { https } from "./https.ts";
import { ioredis } from "./ioredis.ts";
import { mqtt } from "./mqtt.ts";
import { mysql2 } from "./mysql2.ts";
import { nodemailer } from "./nodemailer.ts";
import { pg } from "./pg.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import { undici } from "./undici.ts";
import { ws } from "./ws.ts";

/** All drivers. */
export const DRIVERS: readonly Driver[] = [
  pg,
  postgres,
  mysql2,
  ioredis,
  redis,
  nodemailer,
  mqtt,
  basicFtp,
  https,
  undici,
  ws,
  ...FRAMEWORKS,
  ...CLIENTS,
];
