#!/bin/sh
# Starts an engine out of the folder $1, with the folder $2 as its /run/engine: enter.sh ROOT SOCKETS COMMAND...
# Runs in namespaces of its own (mounts, network, processes). pivot_root, since in a mere chroot `exec` into a container
# ends up in the machine's root.
set -eu
root=$1
sockets=$2
shift 2

mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
# Folders of the tests, which containers mount.
mount --rbind /tmp tmp
mkdir run/engine
mount --bind "$sockets" run/engine
pivot_root . mnt
umount -l /mnt
ip link set lo up
exec "$@"
