import { allocated } from "../../tls/errors/openssl_error.ts";
import type { ResumptionKind } from "../finding.ts";
import type { ClientState } from "./client_state.ts";
import { ClientInstance } from "./client_instance.ts";
import { Deadline } from "./deadline.ts";
import type { HelloEnvironment, PreparedClient } from "./hello/environment.ts";
import { connectionFor } from "./visit_settings.ts";
import type { VisitOptions } from "./visit_types.ts";

/** What sending a hello needs of a client. */
export function helloEnvironment(
  client: ClientState,
  kind: ResumptionKind,
): HelloEnvironment {
  const { target, timeout, now, signal } = client.parts;
  return {
    prepare: (options) => prepared(client, kind, options),
    deadline: (what) =>
      new Deadline(what, client.limits.connectionTimeout(timeout), signal),
    open: (node, deadline) =>
      target.open(node ?? target.nodes[0] ?? "", deadline),
    now,
  };
}

/** A client's connection between two memory BIOs. */
function prepared(
  client: ClientState,
  kind: ResumptionKind,
  options: VisitOptions,
): PreparedClient {
  const { now, defaults } = client.parts;
  const { at } = options;
  const clock = at === undefined ? now : (): number => at;
  const instance = options.seed === undefined
    ? client.instance
    : new ClientInstance(clock, options.seed);
  instance.setClock(clock);
  const { libssl } = instance;
  const ssl = connectionFor(
    instance,
    client.withGroups(options),
    kind,
    defaults,
  );
  const fromServer = allocated(libssl.BIO_new_mem(), "a BIO");
  const toServer = allocated(libssl.BIO_new_mem(), "a BIO");
  // The connection takes over a reference of each.
  libssl.BIO_up_ref(fromServer);
  libssl.BIO_up_ref(toServer);
  libssl.SSL_set_bio(ssl, fromServer, toServer);
  return {
    libssl,
    ssl,
    fromServer,
    toServer,
    [Symbol.dispose](): void {
      libssl.SSL_free(ssl);
      libssl.BIO_free(fromServer);
      libssl.BIO_free(toServer);
      if (options.seed !== undefined) instance.dispose();
    },
  };
}
