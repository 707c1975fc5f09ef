#!/bin/sh
# Install Chromium and a font for it, which the tests of galleries need, where they are missing and
# can be installed: on Debian and its kin, as root or by sudo without a password. Otherwise say so;
# the tests are passed over then, but fail where CI is set.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

say() { echo "no Chromium for the tests of galleries: $1" >&2; }

if ! command -v apt-get >/dev/null 2>&1; then
    say "there is no apt-get here; install one by hand"
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
        say "run 'apt-get install chromium fonts-dejavu-core' as root"
        exit 0
    fi
    as_root="sudo -n"
fi
install() {
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends \
        chromium fonts-dejavu-core >/dev/null
}
install 2>/dev/null || { $as_root apt-get update >/dev/null && install; } ||
    say "apt-get could not install it"
