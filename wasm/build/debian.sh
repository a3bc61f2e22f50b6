# For build.sh: a Debian 13 with Emscripten, and the OpenSSL tarball out of its source package.

# Sets up a Debian 13 with the toolchain, and what bench/ needs to compare with native OpenSSL.
get_debian() {
  root=$cache/debian-13
  [[ $EUID == 0 ]] || die "Cannot use Debian's Emscripten: that takes root. Run ./build.sh as root," \
    "or put an emcc of at least $MIN_EMCC in PATH."
  [[ ! -d $root ]] || return 0
  if ! command -v mmdebstrap >>"$log"; then
    command -v apt-get >>"$log" || die "Cannot set up Debian 13: mmdebstrap is missing. Install it," \
      "or put an emcc of at least $MIN_EMCC in PATH."
    step "Installing mmdebstrap on this machine with apt-get"
    quiet "Installing mmdebstrap" sh -c "apt-get update && apt-get install -y --no-install-recommends mmdebstrap"
  fi
  step "Setting up Debian 13 with Emscripten in $root (about a minute)"
  rm -rf --one-file-system "$root.new"
  quiet "mmdebstrap (an old debian-archive-keyring lacks Debian 13's keys)" mmdebstrap --variant=apt \
    --include=emscripten,make,perl,brotli,gcc,libc6-dev,libssl-dev trixie "$root.new" - <<EOF
deb http://deb.debian.org/debian trixie main
deb http://deb.debian.org/debian-security trixie-security main
deb-src http://deb.debian.org/debian trixie main
deb-src http://deb.debian.org/debian-security trixie-security main
EOF
  mv "$root.new" "$root"
}

# Takes the release tarball out of any version of Debian's source package that has it.
get_debian_tarball() {
  [[ $EUID == 0 ]] || die "Cannot download $UPSTREAM. Fetch it by other means and set OPENSSL_TARBALL to its path."
  step "Upstream can't be reached; downloading from Debian's source package"
  local compiler_root=$root
  get_debian
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  quiet "Downloading OpenSSL $VERSION (OPENSSL_TARBALL=path takes one that you have)" run . sh -ec '
    apt-get update
    for version in $(apt-cache showsrc openssl | sed -n "s/^Version: \($1-\)/\1/p"); do
      uri=$(apt-get source --print-uris "openssl=$version" | sed -n "s/^.\(http[^ ]*orig\.tar\.gz\). .*/\1/p")
      /usr/lib/apt/apt-helper download-file "$uri" tarball && exit
    done
    exit 1' sh "$VERSION"
  mv "$work/tarball" "$tarball.new"
  root=$compiler_root
}
