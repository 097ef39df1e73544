#!/bin/sh
# A USB device of our own making, inside the emulated terminal: `gadget.sh in keyboard|names` and `gadget.sh out`.
# "keyboard" is a stick that types as well; "names" is a stick whose texts try to take over a terminal.
place=/run/config/usb_gadget/stick

come() {
    modprobe -a dummy_hcd libcomposite usb_f_mass_storage usb_f_hid
    mkdir -p /run/config
    mountpoint -q /run/config || mount -t configfs config /run/config
    truncate -s 40M /run/gadget.img
    mkfs.vfat -F 32 -s 1 --mbr=n -n GADGET /run/gadget.img
    mkdir -p $place/strings/0x409 $place/configs/c.1 $place/functions/mass_storage.0
    echo 0x1d6b >$place/idVendor
    echo 0x0104 >$place/idProduct
    printf 'EVIL\033[2J\007' >$place/strings/0x409/manufacturer
    printf 'STICK\033]0;x\342\200\256txt' >$place/strings/0x409/product
    printf 'SER\033[31m0001' >$place/strings/0x409/serialnumber
    echo 1 >$place/functions/mass_storage.0/lun.0/removable
    echo /run/gadget.img >$place/functions/mass_storage.0/lun.0/file
    ln -s $place/functions/mass_storage.0 $place/configs/c.1
    if [ "$1" = keyboard ]; then
        mkdir -p $place/functions/hid.0
        echo 1 >$place/functions/hid.0/protocol
        echo 1 >$place/functions/hid.0/subclass
        echo 8 >$place/functions/hid.0/report_length
        # The shortest description of a keyboard: modifiers and six keys.
        printf '\005\001\011\006\241\001\005\007\031\340\051\347\025\000\045\001\165\001\225\010\201\002\225\006\165\010\025\000\045\145\005\007\031\000\051\145\201\000\300' \
            >$place/functions/hid.0/report_desc
        ln -s $place/functions/hid.0 $place/configs/c.1
    fi
    echo dummy_udc.0 >$place/UDC
}

go() {
    echo >$place/UDC
    rm -f $place/configs/c.1/mass_storage.0 $place/configs/c.1/hid.0
    rmdir $place/configs/c.1 $place/functions/* $place/strings/0x409 $place
    rm -f /run/gadget.img
}

case $1 in
in) come "$2" ;;
out) go ;;
esac
