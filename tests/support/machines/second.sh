#!/bin/sh
# What a branch's terminal has running below the program: kernel drivers, D-Bus, udev, polkit, UDisks. Then the guest
# program. PROJECT, KERNEL, PROGRAM and WITH come from the kernel's command line.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 pts /dev/pts
for place in /dev/shm /run; do mount -t tmpfs -o mode=1777 tmp $place; done
mount -t tmpfs -o mode=755 tmp /media # UDisks wants a file system with access lists here
mkdir -p /run/dbus /run/udev /run/lock /lib/modules
ln -sfn "$KERNEL/lib/modules/$(uname -r)" "/lib/modules/$(uname -r)"
ip link set lo up
modprobe usb_storage delay_use=0 # a stick may need its second, an image does not
modprobe -a xhci_pci uas sd_mod sr_mod vfat exfat nls_ascii nls_cp437 nls_utf8 loop dm_flakey ahci

# The account of the product; its rights are those of deploy/.
account=$(sed -n 's/.*subject.user [!=]*= "\([a-z]*\)".*/\1/p' "$PROJECT"/deploy/*sticks.rules | head -n 1)
echo "$account:x:990:990::/run/$account:/usr/sbin/nologin" >>/etc/passwd
echo "$account:x:990:" >>/etc/group
install -d -o "$account" -g "$account" -m 700 "/run/$account"
chown "$account" /dev/ttyS1
[ -z "$WITH" ] || cp -r "$WITH/." "/run/$account"
chown -R "$account:$account" "/run/$account"
cp "$PROJECT"/deploy/*sticks.rules /etc/polkit-1/rules.d/
mkdir -p /etc/udisks2
cp "$PROJECT"/deploy/mount_options.conf /etc/udisks2/
chmod a+r /etc/polkit-1/rules.d/* /etc/udisks2/*
mkfifo -m 622 /run/chores
while true; do
    while read -r chore; do sh "$(dirname "$0")/gadget.sh" $chore; done </run/chores
done >/run/chores.log 2>&1 &
for place in "$PROJECT" "$(readlink -f "$PROJECT/.venv/bin/python")"; do
    while place=$(dirname "$place") && [ "$place" != / ]; do chmod a+x "$place"; done
done

dbus-daemon --system --fork
/lib/systemd/systemd-udevd --daemon
echo 2000 >/sys/module/block/parameters/events_dfl_poll_msecs # slots are asked for cards, as udev sees to at a real start
udevadm trigger --subsystem-match=block --subsystem-match=usb
udevadm settle -t 30
/usr/lib/polkit-1/polkitd --no-debug >/dev/null 2>&1 &
/usr/libexec/udisks2/udisksd >/run/udisksd.log 2>&1 &
cd "$PROJECT" || exit 1
echo "up after $(cut -d' ' -f1 /proc/uptime) s"
setpriv --reuid "$account" --regid "$account" --clear-groups --no-new-privs \
    env HOME="/run/$account" USER="$account" PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 .venv/bin/python -m "$PROGRAM"
echo "the guest program ended: $?"
tail -n 20 /run/udisksd.log /run/chores.log
sync
echo o >/proc/sysrq-trigger
sleep 60
