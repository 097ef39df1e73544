#!/bin/sh
# A USB device of our own making, inside the emulated terminal: `gadget.sh in keyboard|names|reader|lockable`,
# `gadget.sh card in|out`, and `gadget.sh out`. "keyboard" is a stick that types as well; "names" is a stick whose texts
# try to take over a terminal; "reader" is a slot for a card, empty at first; "lockable" shows a disc with a program on
# it, and an empty slot until that program was given the password.
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
    case $1 in
    reader) echo $place/functions/mass_storage.0/lun.0/file >/run/slot ;;
    lockable)
        truncate -s 2M /run/program.iso
        echo 1 >$place/functions/mass_storage.0/lun.0/cdrom
        echo /run/program.iso >$place/functions/mass_storage.0/lun.0/file
        mkdir -p $place/functions/mass_storage.0/lun.1
        echo 1 >$place/functions/mass_storage.0/lun.1/removable
        echo $place/functions/mass_storage.0/lun.1/file >/run/slot
        ;;
    *) echo /run/gadget.img >$place/functions/mass_storage.0/lun.0/file ;;
    esac
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

card() {
    case $1 in
    in) echo /run/gadget.img >"$(cat /run/slot)" ;;
    out) echo 1 >"$(dirname "$(cat /run/slot)")/forced_eject" ;;
    esac
}

go() {
    echo >$place/UDC
    rm -f $place/configs/c.1/mass_storage.0 $place/configs/c.1/hid.0
    [ ! -d $place/functions/mass_storage.0/lun.1 ] || rmdir $place/functions/mass_storage.0/lun.1
    rmdir $place/configs/c.1 $place/functions/* $place/strings/0x409 $place
    rm -f /run/gadget.img
}

case $1 in
in) come "$2" ;;
card) card "$2" ;;
out) go ;;
esac
