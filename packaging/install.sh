#!/bin/sh
# Installs callbox where there is no package for it, or removes it. See --help.
#
# It needs root, tar, sha256sum, and curl or wget if the files are not on this computer.
set -eu

help() {
    cat <<HELP
usage: install.sh [--from PLACE] [--signers FILE] [--prefix DIR] [--root DIR] [--no-start]
       install.sh --uninstall [--purge] [--prefix DIR] [--root DIR]

  --from PLACE    a directory or address with the files of a release [default: where this script is]
  --signers FILE  SHA256SUMS must be signed by one of these (see ALLOWED SIGNERS in ssh-keygen(1))
  --prefix DIR    where to install [default: /usr/local]
  --root DIR      install into another system's root directory, and start nothing
  --no-start      do not start the service
  --uninstall     remove what was installed; settings and data stay
  --purge         with --uninstall: settings and data too

Running it again upgrades, or repairs what has been changed; the service is started anew if it was running.
HELP
}

from=$(dirname "$0") prefix=/usr/local root='' start=yes action=install purge='' signers=''
while [ $# -gt 0 ]; do
    case $1 in
        --from) from=$2 && shift ;;
        --signers) signers=$2 && shift ;;
        --prefix) prefix=$2 && shift ;;
        --root) root=${2%/} && shift ;;
        --no-start) start='' ;;
        --uninstall) action=uninstall ;;
        --purge) purge=yes ;;
        --help) help && exit ;;
        *) help >&2 && exit 2 ;;
    esac
    shift
done

fail() { echo "install.sh: $*" >&2; exit 1; }
[ -z "$root" ] || start=''
manages() { [ -z "$root" ] && [ -d /run/systemd/system ]; }
list=$prefix/share/callbox/installed
units='callbox-activated.socket callbox-activated-http.socket callbox-activated.service callbox.service'

uninstall() {
    [ -f "$root$list" ] || fail "$root$list is missing: nothing was installed here by this script"
    # shellcheck disable=SC2086
    if manages; then systemctl disable --quiet --now $units || true; fi
    while read -r file; do rm -f "$root$file"; done <"$root$list"
    rm -rf "$root${prefix:?}/share/callbox" "$root${prefix:?}/share/doc/callbox"
    if manages; then systemctl daemon-reload; fi
    if [ -n "$purge" ]; then
        rm -rf "$root/etc/callbox" "$root/var/lib/private/callbox" "$root/var/lib/callbox"
        echo "Callbox, its settings and its data are removed."
    else
        echo "Callbox is removed. Settings are still in /etc/callbox, data in /var/lib/callbox (--purge removes them)."
    fi
}

fetch() {
    case $from in
        http://* | https://*)
            if command -v curl >/dev/null; then
                curl -fsSL -o "$work/$1" "$from/$1"
            else
                wget -q -O "$work/$1" "$from/$1"
            fi ;;
        *) cp "$from/$1" "$work/$1" ;;
    esac || fail "cannot get $1 from $from"
}

check() {
    fetch SHA256SUMS
    if [ -n "$signers" ]; then
        fetch SHA256SUMS.sig
        verify() { ssh-keygen -Y "$@" -f "$signers" -s "$work/SHA256SUMS.sig" <"$work/SHA256SUMS" 2>/dev/null; }
        if ! who=$(verify find-principals) || ! verify verify -n callbox -I "$who" >/dev/null; then
            fail "SHA256SUMS is not signed by anybody in $signers"
        fi
    fi
    archive=$(sed -n "s/^[0-9a-f]*  \(callbox-[0-9][^/]*-$(uname -m)\.tar\.gz\)\$/\1/p" "$work/SHA256SUMS")
    [ -n "$archive" ] || fail "there is no archive for $(uname -m) in $from"
    fetch "$archive"
    (cd "$work" && grep "  $archive\$" SHA256SUMS | sha256sum -c --quiet - >/dev/null 2>&1) ||
        fail "$archive is not what SHA256SUMS says: it was cut short or changed"
}

# Replaces a file at once and whole, as a running program is in use.
put() {
    mkdir -p "$(dirname "$root$2")"
    if cmp -s "$1" "$root$2"; then return; fi
    cp "$1" "$root$2.new"
    chmod "$3" "$root$2.new"
    mv "$root$2.new" "$root$2"
    changed=yes
}

install_all() {
    check
    mkdir "$work/tree"
    tar -xzf "$work/$archive" -C "$work/tree"
    sed -i "s|/usr/bin/|$prefix/bin/|" "$work"/tree/usr/lib/systemd/system/*
    changed=''
    (cd "$work/tree/usr" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$work/files"
    while read -r file; do
        case $file in
            bin/*) mode=755 ;;
            *) mode=644 ;;
        esac
        put "$work/tree/usr/$file" "$prefix/$file" "$mode"
        echo "$prefix/$file"
    done <"$work/files" >"$work/installed"
    # Those of an older version that this one does not have.
    if [ -f "$root$list" ]; then
        grep -vxF -f "$work/installed" "$root$list" | while read -r file; do rm -f "$root$file"; done || true
    fi
    put "$work/installed" "$list" 644
    # Settings are their owner's once they are there.
    [ -f "$root/etc/callbox/callbox.toml" ] || put "$work/tree/etc/callbox/callbox.toml" /etc/callbox/callbox.toml 644
    version=${archive#callbox-} && version=${version%-*}
    if [ -n "$changed" ]; then
        echo "Callbox $version is installed in $prefix."
    else
        echo "Callbox $version is in $prefix already."
    fi
    if manages; then run_it; fi
}

run_it() {
    systemctl daemon-reload
    running=''
    for unit in callbox callbox-activated; do
        if systemctl is-active --quiet "$unit.service"; then
            running=$unit
            [ -z "$changed" ] || systemctl restart "$unit.service"
        fi
    done
    if [ -z "$running" ] && [ -n "$start" ]; then
        systemctl enable --quiet --now callbox.service
        running=callbox
    fi
    [ -z "$running" ] || echo "The link that sets it up: journalctl -u $running --grep setup"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $action in
    install) install_all ;;
    uninstall) uninstall ;;
esac
