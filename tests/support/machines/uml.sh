#!/bin/sh
# The first program of a User-Mode Linux: drivers for sticks and for faults below them, then the guest program.
# PROJECT, DRIVERS and PROGRAM come from the kernel's command line. The disk of the machine is there to be read only.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /run
mkdir -p /run/below/lib /run/project
mount --bind "$PROJECT" /run/project # it may lie below /tmp, which is about to be hidden
mount -t tmpfs tmp /tmp
ln -s "$DRIVERS" /run/below/lib/modules
modprobe -d /run/below -a vfat nls_ascii nls_cp437 nls_iso8859-1 nls_utf8 sd_mod dm_mod dm_flakey
modprobe -d /run/below scsi_debug removable=1 dev_size_mb=40 delay=0
cd /run/project && PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 .venv/bin/python -m "$PROGRAM"
echo "the guest program ended: $?"
echo o >/proc/sysrq-trigger
sleep 60
