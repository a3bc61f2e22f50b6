import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { RedisSessionStore } from "../../src/stores/redis.ts";
import {
  checkSessionStore,
  type CheckSessionStoreOptions,
  type CreateSessionStore,
} from "../../src/testing/store_conformance.ts";
import {
  describeWithRedis,
  RedisCluster,
  type RedisProgram,
  RedisServer,
} from "../support/redis.ts";
import {
  CLIENTS,
  CLUSTER_CLIENTS,
  type Connect,
  type OpenClient,
} from "../testdata/redis_clients.ts";

const PROGRAMS: RedisProgram[] = ["redis-server", "valkey-server"];

for (const program of PROGRAMS) {
  describeWithRedis(program, `RedisSessionStore on ${program}`, () => {
    let server: RedisServer;

    beforeAll(async () => {
      server = await RedisServer.start({ program });
    });

    afterAll(() => server[Symbol.asyncDispose]());

    for (const [name, connect] of Object.entries(CLIENTS)) {
      describeKeeping(`with ${name}`, () => server, [connect]);
    }
    describeKeeping(
      "with node-redis by the system's clock",
      () => server,
      [CLIENTS["node-redis"]],
      { clock: "real" },
    );
    describeKeeping(
      "with ioredis by the system's clock",
      () => server,
      [CLIENTS["ioredis"]],
      { clock: "real" },
    );
    describeKeeping(
      "where one changes what the other looks up",
      () => server,
      [CLIENTS["node-redis"], CLIENTS["ioredis"]],
    );
  });

  describeWithRedis(
    program,
    `RedisSessionStore on a cluster of ${program}`,
    () => {
      let cluster: RedisCluster;

      beforeAll(async () => {
        cluster = await RedisCluster.start(program);
      });

      afterAll(() => cluster[Symbol.asyncDispose]());

      const server = (): RedisServer => cluster.servers[0] as RedisServer;
      for (const [name, connect] of Object.entries(CLUSTER_CLIENTS)) {
        describeKeeping(`with ${name}`, server, [connect]);
      }
      describeKeeping(
        "where one changes what the other looks up",
        server,
        [CLUSTER_CLIENTS["ioredis"], CLUSTER_CLIENTS["node-redis"]],
      );
    },
  );
}

/** Checks a store whose changes go to the first client, and the rest to the last. */
function describeKeeping(
  how: string,
  server: () => RedisServer,
  connects: Connect[],
  options?: CheckSessionStoreOptions,
): void {
  describe(`keeps the promises of SessionStore ${how}`, () => {
    let clients: OpenClient[] = [];
    let stores = 0;

    beforeAll(async () => {
      clients = await Promise.all(connects.map((connect) => connect(server())));
    });

    afterAll(async () => {
      for (const client of clients) await client[Symbol.asyncDispose]();
    });

    const create: CreateSessionStore = (now) => {
      const prefix = `${how}${stores++}:`;
      const [one, other = one] = clients.map(({ client }) =>
        new RedisSessionStore(client, { now, prefix })
      );
      if (one === undefined || other === undefined) {
        throw new Error("no client");
      }
      return {
        get: (id, options) => other.get(id, options),
        set: (id, record, options) => one.set(id, record, options),
        delete: (id, reason) => one.delete(id, reason),
        take: (id, options) => other.take(id, options),
        revoke: (options) => one.revoke(options),
        entries: () => other.entries(),
      };
    };
    for (const { name, run } of checkSessionStore(create, options)) {
      it(name, run);
    }
  });
}
