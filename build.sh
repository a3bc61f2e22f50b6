#!/usr/bin/env bash
# Makes wasm/openssl.wasm, wasm/build.json and src/ffi/exports.ts. See ./build.sh --help.
set -euo pipefail

VERSION=3.5.7
TARBALL_SHA256=a8c0d28a529ca480f9f36cf5792e2cd21984552a3c8e4aa11a24aa31aeac98e8
RELEASED=1780963200 # 9 June 2026: the date that the module says it was built on
UPSTREAM=https://github.com/openssl/openssl/releases/download/openssl-$VERSION/openssl-$VERSION.tar.gz
MIN_EMCC=3.1.69
UNREACHABLE=69 # the exit code when the toolchain or the sources can't be had

CONFIGURE=(sesame-wasm32 --config=../wasm/sesame.conf --with-rand-seed=none --prefix=/ --openssldir=/)
COMPILE=(-O3 -Wall -Wextra -Wno-unused-parameter -Werror -Iinclude "-I../openssl-$VERSION/include"
  "-I../openssl-$VERSION")
# The stack comes first in memory, so that an overflow traps instead of writing over data.
LINK=(-O3 --no-entry -sSTANDALONE_WASM -sFILESYSTEM=0 -sSUPPORT_LONGJMP=0 -sSTACK_SIZE=256KB
  -Wl,--stack-first -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=2MB -sMAXIMUM_MEMORY=2GB)
# What the module needs of an engine, and no more may come into it.
FEATURES=(--enable-{bulk-memory,mutable-globals,nontrapping-float-to-int,sign-ext,simd})
# The functions of OpenSSL that ours stand before, in wasm/bounds.c, wasm/heap.c, wasm/key_files.c, wasm/random.c
# and wasm/remedies.c, and one of libc, in wasm/bridge.c.
WRAPPED=(BN_mod_sqrt BUF_MEM_grow CRYPTO_clear_free CRYPTO_zalloc DIST_POINT_set_dpname EVP_PBE_CipherInit_ex
  OSSL_DECODER_CTX_new_for_pkey PKCS12_verify_mac RAND_bytes_ex RAND_priv_bytes_ex X509_CRL_get_ext_d2i
  X509_get_ext_d2i ossl_statem_client_process_message ossl_statem_server_process_message qsort)
UNITS=(bounds bridge certificate certificate_fields connection connection_hello connection_pair connection_run connection_sessions contexts fill heap host key_files key_shares ladder policy random remedies session_age snapshot)
INPUTS=(build.sh wasm/{sesame.conf,speed.mk,exports.txt,bounds.{c,h},bridge.{c,h},certificate{,_fields}.{c,h},connection.{c,h},connection_{hello,pair,run,sessions}.c,contexts.{c,h},machine.h,fill.{c,h},heap.{c,h},host.{c,h},key_files.{c,h},key_shares.c,ladder.c,pipelines.h,policy.{c,h},{random,remedies}.c,session_age.{c,h},snapshot.c}
  wasm/{generate_exports.py,check_module.py})
OUTPUTS=(wasm/openssl.wasm src/ffi/exports.ts)

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SESAME_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sesame}
work=$cache/build
log=$cache/build.log
failure=1
root= # the folder of the Debian 13 system with the compiler; empty when emcc is in PATH
linked_first=() # objects of kernels, which stand before OpenSSL's own
source "$repo/wasm/build/debian.sh"
source "$repo/wasm/build/kernels.sh"
source "$repo/wasm/build/bench.sh"

usage() {
  cat <<EOF
Usage: ./build.sh [--no-kernels FILE | --test-kernels FOLDER | --bench FOLDER |
                  --verify | --stale | --clean | --help]

Builds OpenSSL $VERSION for WebAssembly: wasm/openssl.wasm, wasm/build.json (what it was made
from and how) and src/ffi/exports.ts (the TypeScript signatures of its exports).

  --no-kernels FILE
            build the module with OpenSSL's C code alone, for comparison, and leave it in FILE
  --test-kernels FOLDER
            build a module that has both, for \`deno task test:kernels\`
  --bench FOLDER
            build what \`deno task bench\` compares, for its --modules: the plain module, and the
            primitives with kernels and without
  --verify  build from nothing in another folder and compare with the files in this checkout
  --stale   exit 0 and name a file when the inputs or outputs here aren't those of build.json
  --clean   delete the cache folder's contents: toolchain, tarball, objects

The tarball is \$OPENSSL_TARBALL, or the cache's, upstream's, or that of Debian's source package.
The compiler is the emcc in PATH when it is $MIN_EMCC or newer, else Debian 13's, in a system that
is set up in the cache folder (needs root and mmdebstrap; takes a minute and 3 GB).

  SESAME_CACHE  the cache folder ($cache)
  JOBS          how many compilers run at once (one per processor)
EOF
}

main() {
  case ${1-} in
    "") build ;;
    --no-kernels) build_plain "${2:?Say where the plain module goes: ./build.sh --no-kernels FILE}" ;;
    --test-kernels) test_kernels "${2:?Say where the files go: ./build.sh --test-kernels FOLDER}" ;;
    --bench) bench_modules "${2:?Say where the modules go: ./build.sh --bench FOLDER}" ;;
    --verify) verify ;;
    --stale) changed ;;
    --clean) clean ;;
    --help) usage ;;
    *)
      printf 'Unknown argument: %s\n\n' "$1" >&2
      usage >&2
      exit 2
      ;;
  esac
}

build() {
  make_module
  mkdir -p "$repo/src/ffi"
  cp "$work/out/exports.ts" "$repo/src/ffi/"
  cp "$work/out/openssl.wasm" "$work/out/build.json" "$repo/wasm/"
  step "Done: wasm/openssl.wasm,$(sed -n 's/.*"bytes": {\(.*\)}/\1/p' "$repo/wasm/build.json")bytes"
}

build_plain() {
  make_archives
  link_module
  take_snapshot
  cp "$work/out/openssl.wasm" "$1"
  step "Done: $1, without kernels"
}

verify() {
  local file differs=
  file=$(changed) && die "Cannot verify: $file isn't the one that wasm/build.json describes. Run ./build.sh."
  work=$cache/verify
  rm -rf "$work"
  make_module
  for file in "${OUTPUTS[@]}"; do
    cmp -s "$repo/$file" "$work/out/${file##*/}" || differs+=" $file"
  done
  [[ -z $differs ]] || die "A fresh build with Emscripten $emcc differs from wasm/build.json's in:$differs." \
    "It is in $work/out for comparison."
  rm -rf "$work"
  step "Verified: a fresh build gives the same bytes"
}

# Names the first input or output that build.json doesn't describe; fails when there is none.
changed() {
  local file
  for file in "${INPUTS[@]}" "${OUTPUTS[@]}"; do
    grep -qsF "\"$file\": \"$(sha256 "$repo/$file")\"" "$repo/wasm/build.json" || { echo "$file" && return; }
  done
  return 1
}

clean() {
  local mounted
  mounted=$(awk -v cache="$cache/" 'index($2, cache) == 1 { print $2; exit }' /proc/mounts)
  [[ -z $mounted ]] || die "Cannot clean: $mounted is mounted. Unmount it and try again."
  rm -rf --one-file-system "$cache"/{debian-13{,.new},src,build,verify,build.log,lock}
}

make_module() {
  make_archives
  compile_kernels
  link_module
  check_kernels
  take_snapshot
  describe_module
}

make_archives() {
  unset AR CC CFLAGS CPPFLAGS CROSS_COMPILE CXX CXXFLAGS EMCC_CFLAGS LDFLAGS LDLIBS PERL RANLIB
  mkdir -p "$work" "$cache/src"
  exec 9>"$cache/lock"
  flock 9
  : >"$log"
  failure=$UNREACHABLE
  get_toolchain
  get_tarball
  failure=1
  check_tarball
  rm -rf "$work/wasm" "$work/out"
  mkdir "$work/wasm" "$work/out"
  (cd "$repo" && cp "${INPUTS[@]}" "$work/wasm/")
  compile_openssl
}

get_toolchain() {
  local tool
  emcc=$(emcc_version)
  if [[ $(printf '%s\n' "$MIN_EMCC" "${emcc:-0}" | sort -V | head -n 1) != "$MIN_EMCC" ]]; then
    get_debian
    emcc=$(emcc_version)
  fi
  for tool in emcc perl make python3 brotli; do
    run . sh -c "command -v $tool" >>"$log" || die "Cannot build: $tool is missing${root:+ in $root}."
  done
  step "Toolchain: Emscripten $emcc ${root:+of Debian 13}"
}

emcc_version() {
  run . emcc --version 2>>"$log" | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p' || true
}

get_tarball() {
  tarball=${OPENSSL_TARBALL:-$cache/src/openssl-$VERSION.tar.gz}
  if [[ ! -e $tarball && -z ${OPENSSL_TARBALL-} ]]; then
    step "Downloading OpenSSL $VERSION"
    curl -fsSL --connect-timeout 15 -o "$tarball.new" "$UPSTREAM" 2>>"$log" || get_debian_tarball
    mv "$tarball.new" "$tarball"
  fi
  [[ -r $tarball ]] || die "Cannot read $tarball. Set OPENSSL_TARBALL to OpenSSL $VERSION's release tarball."
}

check_tarball() {
  [[ $(sha256 "$tarball") == "$TARBALL_SHA256" ]] ||
    die "$tarball is not OpenSSL $VERSION's release tarball: its SHA-256 isn't $TARBALL_SHA256. Delete it."
}

# Leaves libssl.a and libcrypto.a in build/, kept for the next build with the same configuration.
compile_openssl() {
  local made_from make=(make -s "-j${JOBS:-$(nproc)}" -f Makefile -f ../wasm/speed.mk)
  made_from="$TARBALL_SHA256 $emcc ${CONFIGURE[*]} $(cat "$work"/wasm/{sesame.conf,speed.mk,pipelines.h})"
  [[ $(cat "$work/made-from" 2>>"$log") != "$made_from" ]] || return 0
  step "Unpacking and configuring OpenSSL $VERSION"
  rm -rf "$work/build" "$work/openssl-$VERSION" "$work/made-from"
  tar -xzf "$tarball" -C "$work"
  mkdir "$work/build"
  quiet "Configuring" run build perl "../openssl-$VERSION/Configure" "${CONFIGURE[@]}"
  step "Compiling libcrypto and libssl (about 2 minutes on 2 processors)"
  quiet "Compiling" run build "${make[@]}" build_generated
  quiet "Compiling" run build "${make[@]}" libssl.a libcrypto.a
  echo "$made_from" >"$work/made-from"
}

link_module() {
  local unit
  step "Linking"
  for unit in "${UNITS[@]}"; do
    quiet "Compiling $unit.c" run build emcc "${COMPILE[@]}" -c "../wasm/$unit.c" -o "$unit.o"
  done
  sed 's/^/_/' "$work/wasm/exports.txt" >"$work/build/exported"
  quiet "Linking" run build emcc "${LINK[@]}" "${WRAPPED[@]/#/-Wl,--wrap=}" -sEXPORTED_FUNCTIONS=@exported \
    --emit-symbol-map "${linked_first[@]}" "${UNITS[@]/%/.o}" libssl.a libcrypto.a -o ../out/openssl.wasm
  quiet "Generating exports.ts" run build sh -c '"$@" >../out/exports.ts' sh \
    python3 ../wasm/generate_exports.py ../wasm/exports.txt ../wasm/bridge.c,../wasm/host.c emcc "${COMPILE[@]}"
}

# Runs what is the same in every instance now, and writes the memory that it leaves into the module:
# see wasm/snapshot.c. What can't be run stays an export, which isn't one of exports.txt.
take_snapshot() {
  step "Taking the snapshot"
  quiet "Taking the snapshot (wasm-ctor-eval is Binaryen's, which Emscripten uses)" run out sh -c '
    PATH=$(em-config BINARYEN_ROOT)/bin:$PATH
    exec wasm-ctor-eval "$@" --ctors=_initialize,sesame_snapshot openssl.wasm -o openssl.wasm' sh "${FEATURES[@]}"
  quiet "Checking" run wasm python3 check_module.py ../out/openssl.wasm exports.txt \
    "$repo/" "$cache/" /home/ /mnt/ /root/ /tmp/ /usr/
}

describe_module() {
  cat >"$work/out/build.json" <<EOF
{
  "openssl": "$VERSION",
  "tarball": "$TARBALL_SHA256",
  "emscripten": "$emcc",
  "configure": "${CONFIGURE[*]}",
  "compile": "${COMPILE[*]}",
  "link": "${LINK[*]}",
  "wrapped": "${WRAPPED[*]} ${WRAPPED_BY_KERNELS[*]}",
  "kernels": "${KERNELS[*]}",
  "hooks": "${HOOKS[*]}",
  "inputs": {
$(hashes "$work/wasm" "${INPUTS[@]}")
  },
  "outputs": {
$(hashes "$work/out" "${OUTPUTS[@]}")
  },
  "bytes": { "raw": $(wc -c <"$work/out/openssl.wasm"), "brotli": $(run out brotli -c -q 11 openssl.wasm | wc -c) }
}
EOF
}

# The JSON members that give the hashes of files by their names in the repository.
hashes() {
  local folder=$1 file
  shift
  for file; do printf '    "%s": "%s",\n' "$file" "$(sha256 "$folder/${file##*/}")"; done | sed '$s/,$//'
}

# Runs a command in a folder of $work, where the toolchain is. Debian's root sees $work as /mnt;
# the mounts are in a namespace of their own and end with the command.
run() {
  local folder=$1
  shift
  if [[ -z $root ]]; then
    (cd "$work/$folder" && LC_ALL=C SOURCE_DATE_EPOCH=$RELEASED "$@")
  else
    unshare --mount sh -ec '
      mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" && mount --bind "$2" "$1/mnt"
      root=$1 epoch=$3 folder=$4
      shift 4
      exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C \
        SOURCE_DATE_EPOCH="$epoch" ${http_proxy:+http_proxy="$http_proxy"} \
        sh -c "cd /mnt/$folder && exec \"\$@\"" sh "$@"' sh "$root" "$work" "$RELEASED" "$folder" "$@"
  fi
}

# Runs a command with its output in the log; shows the log's end when it fails.
quiet() {
  local what=$1
  shift
  "$@" >>"$log" 2>&1 && return
  tail -n 30 "$log" >&2
  die "$what failed. The whole log is $log."
}

step() {
  printf '[%3d s] %s\n' "$SECONDS" "$*"
}

sha256() {
  sha256sum "$1" 2>>"$log" | cut -d ' ' -f 1
}

die() {
  echo "build.sh: $*" >&2
  exit "$failure"
}

main "$@"
