/**
 * External session caching with OpenSSL's own functions, as a C programmer would
 * write it: `deno run examples/raw_hooks.ts`.
 */
import {
  OpenSSL,
  type SSL,
  type SSL_CTX,
  SSL_ERROR_WANT_READ,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
} from "@sesame/tls/libssl";
import { createTestCertificate } from "@sesame/tls/testing";

const { libssl } = OpenSSL.default;
const store = new Map<string, Uint8Array>();

const server = newServerContext();
const client = must(libssl.SSL_CTX_new(libssl.TLS_client_method()));

const session = connect(null);
libssl.SSL_SESSION_free(connect(session));
libssl.SSL_SESSION_free(session);
libssl.SSL_CTX_free(client);
libssl.SSL_CTX_free(server);

/** A server whose sessions are in `store` alone. */
function newServerContext(): SSL_CTX {
  const ctx = must(libssl.SSL_CTX_new(libssl.TLS_server_method()));
  useCertificate(ctx);
  libssl.SSL_CTX_set_session_id_context(ctx, new TextEncoder().encode("raw"));
  libssl.SSL_CTX_set_session_cache_mode(
    ctx,
    SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
  );
  libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  libssl.SSL_CTX_sess_set_new_cb(ctx, (_ssl, session) => {
    const id = libssl.SSL_SESSION_get_id(session).toHex();
    store.set(id, must(libssl.i2d_SSL_SESSION(session)));
    console.log(`new_session_cb: stored ${id.slice(0, 8)}...`);
    return 0;
  });
  libssl.SSL_CTX_sess_set_get_cb(ctx, (_ssl, id, copy) => {
    const der = store.get(id.toHex());
    console.log(
      `get_session_cb: ${der ? "found" : "no"} ${id.toHex().slice(0, 8)}...`,
    );
    copy.value = 0;
    return der ? libssl.d2i_SSL_SESSION(der) : null;
  });
  libssl.SSL_CTX_sess_set_remove_cb(ctx, (_ctx, session) => {
    store.delete(libssl.SSL_SESSION_get_id(session).toHex());
  });
  return ctx;
}

/** One handshake over a BIO pair; the client's new session, owned. */
function connect(session: SSL_SESSION | null): SSL_SESSION {
  const there = must(libssl.SSL_new(server));
  const here = must(libssl.SSL_new(client));
  const [one, other] = must(libssl.BIO_new_bio_pair());
  libssl.SSL_set_bio(there, one, one);
  libssl.SSL_set_bio(here, other, other);
  libssl.SSL_set_accept_state(there);
  libssl.SSL_set_connect_state(here);
  if (session) libssl.SSL_set_session(here, session);

  for (let isDone = false; !isDone;) {
    const isHereDone = step(here);
    isDone = step(there) && isHereDone;
  }
  libssl.SSL_read(here, new Uint8Array(1)); // takes TLS 1.3's tickets
  console.log(
    `${libssl.SSL_get_version(here)}, ${
      libssl.SSL_session_reused(here) ? "resumed" : "full handshake"
    }`,
  );
  const next = must(libssl.SSL_get1_session(here));
  libssl.SSL_shutdown(here);
  libssl.SSL_shutdown(there);
  libssl.SSL_free(here);
  libssl.SSL_free(there);
  return next;
}

/** Goes on with a handshake: true when it is done. */
function step(ssl: SSL): boolean {
  const result = libssl.SSL_do_handshake(ssl);
  if (result === 1) return true;
  if (libssl.SSL_get_error(ssl, result) === SSL_ERROR_WANT_READ) return false;
  throw new Error(libssl.ERR_error_string(libssl.ERR_get_error()));
}

function useCertificate(ctx: SSL_CTX): void {
  const pem = createTestCertificate();
  const [certBio, keyBio] = [pem.cert, pem.key].map((text) =>
    must(libssl.BIO_new_mem_buf(new TextEncoder().encode(text)))
  );
  const cert = must(libssl.PEM_read_bio_X509(must(certBio)));
  const key = must(libssl.PEM_read_bio_PrivateKey(must(keyBio)));
  libssl.SSL_CTX_use_certificate(ctx, cert);
  libssl.SSL_CTX_use_PrivateKey(ctx, key);
  libssl.X509_free(cert);
  libssl.EVP_PKEY_free(key);
  libssl.BIO_free(must(certBio));
  libssl.BIO_free(must(keyBio));
}

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("out of memory");
  return value;
}
