#!/bin/busybox sh
# The first program of the emulated terminal: the machine it runs on becomes its disk, to be read only, below a layer
# in memory that takes what is written. START comes from the kernel's command line.
/bin/busybox --install -s /bin
mkdir -p /proc /dev /below /compiled /layer /top
mount -t proc proc /proc
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </modules/order
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=524288 hostroot /below
layers=/below
[ ! -b /dev/vda ] || { mount -t ext4 -o ro /dev/vda /compiled && layers=/compiled:/below; }
mount -t tmpfs -o mode=755 layer /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir="$layers",upperdir=/layer/upper,workdir=/layer/work layers /top
mount --move /dev /top/dev
umount /proc
exec switch_root /top /bin/sh "$START"
