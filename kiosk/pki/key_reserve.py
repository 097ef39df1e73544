"""One RSA key pair made ahead, so that no customer waits for prime numbers."""

from threading import Lock, Thread

from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.signer import KeyAlgorithm


class KeyReserve:
    """Hands out key pairs, each to one customer only; the next RSA pair is made while the counter is idle."""

    def __init__(self) -> None:
        self._ready: dict[KeyAlgorithm, PrivateKey] = {}
        self._making: Thread | None = None
        self._lock = Lock()

    def take(self, algorithm: KeyAlgorithm) -> PrivateKey:
        """A key pair nobody else gets: the one in reserve, or a new one."""
        with self._lock:
            ready = self._ready.pop(algorithm, None)
        return new_key(algorithm) if ready is None else ready

    def refill(self, algorithm: KeyAlgorithm) -> None:
        """Make the next pair in the background; P-256 takes no time and is never kept."""
        if algorithm is KeyAlgorithm.P_256:
            return
        with self._lock:
            if algorithm in self._ready or (self._making is not None and self._making.is_alive()):
                return
            self._making = Thread(target=self._make, args=(algorithm,), daemon=True)
            self._making.start()

    def wait(self) -> None:
        """Until nothing is being made."""
        making = self._making
        if making is not None:
            making.join()

    def clear(self) -> None:
        """Forget what is kept."""
        with self._lock:
            self._ready.clear()

    def _make(self, algorithm: KeyAlgorithm) -> None:
        made = new_key(algorithm)
        with self._lock:
            self._ready[algorithm] = made
