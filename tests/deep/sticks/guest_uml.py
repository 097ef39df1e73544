"""One start of User-Mode Linux for everything that a real FAT and a stick without USB can show."""

from tests.deep.sticks import guest_fat, guest_write

if __name__ == "__main__":
    guest_fat.main()
    guest_write.main()
