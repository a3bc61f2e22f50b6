# For build.sh: what the benchmark compares, with the kernels and without.

# Leaves plain.wasm, the module without kernels, and two modules of bench/*.c over OpenSSL in a folder:
# primitives.wasm and primitives-plain.wasm.
bench_modules() {
  local name
  mkdir -p "$1"
  make_archives
  cp "$repo"/bench/{primitives,timing}.c "$work/wasm/"
  for name in primitives timing; do
    quiet "Compiling $name.c" run build emcc "${COMPILE[@]}" -c "../wasm/$name.c" -o "bench-$name.o"
  done
  link_module
  mv "$work/out/openssl.wasm" "$work/out/plain.wasm"
  link_primitives primitives-plain
  compile_kernels
  link_primitives primitives
  cp "$work"/out/{plain,primitives,primitives-plain}.wasm "$1/"
  step "Done: $1"
}

link_primitives() {
  quiet "Linking $1.wasm" run build emcc "${LINK[@]}" "${WRAPPED[@]/#/-Wl,--wrap=}" "${linked_first[@]}" \
    bench-{primitives,timing}.o "${UNITS[@]/%/.o}" libssl.a libcrypto.a -o "../out/$1.wasm"
}
