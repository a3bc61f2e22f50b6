/**
 * Run with `--v8-flags=--expose-gc`: prints how many of a context's callbacks are
 * in memory while it has a reference, while its connection has, and when it is freed.
 *
 * @module
 */
import { OpenSSL, type SSL_CTX } from "../../src/libssl/mod.ts";

declare const gc: () => void;

const { libssl } = new OpenSSL();
const callbacks: WeakRef<object>[] = [];

const ctx = contextWithCallbacks();
console.log(await countCallbacks());
const ssl = libssl.SSL_new(ctx);
libssl.SSL_CTX_free(ctx);
console.log(await countCallbacks());
libssl.SSL_free(ssl);
console.log(await countCallbacks());

function contextWithCallbacks(): SSL_CTX {
  const ctx = libssl.SSL_CTX_new(libssl.TLS_method());
  if (ctx === null) throw new Error("SSL_CTX_new failed");
  libssl.SSL_CTX_sess_set_new_cb(ctx, watched(() => 0));
  libssl.SSL_CTX_sess_set_remove_cb(ctx, watched(() => {}));
  libssl.SSL_CTX_sess_set_get_cb(ctx, watched(() => null));
  libssl.SSL_CTX_set_msg_callback(ctx, watched(() => {}));
  return ctx;
}

function watched<F extends object>(callback: F): F {
  callbacks.push(new WeakRef(callback));
  return callback;
}

async function countCallbacks(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  gc();
  return callbacks.filter((ref) => ref.deref() !== undefined).length;
}
