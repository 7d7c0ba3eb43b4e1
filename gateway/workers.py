"""Several processes that answer on one socket: forks of one that has imported everything.

Nothing may be open yet that two processes must not share: no connection, no thread, no event loop.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import structlog

BRIEF = 2.0
"""A worker that ends within so many seconds of its start would do so again."""

log = structlog.get_logger("trialgraph.workers")


class Workers:
    """Keeps ``count`` processes at work, each in ``work``, until told to stop.

    One that ends is replaced. The first signal is passed on, the second ends them at once.
    """

    def __init__(self, work: Callable[[], None], count: int) -> None:
        self._work = work
        self._count = count
        self._began: dict[int, float] = {}
        self._told: signal.Signals | None = None
        self._status = 0

    def run(self) -> int:
        """Returns when all have ended; the exit status for this process."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._tell)
        for _ in range(self._count):
            self._begin()
        while self._began:
            self._ended(*os.wait())
        return self._status

    def _begin(self) -> None:
        pid = os.fork()
        if pid:
            self._began[pid] = time.monotonic()
            return
        os.setpgid(0, 0)  # Ctrl-C is for the process that began, which passes it on
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        try:
            self._work()
        except BaseException:
            log.exception("defect")
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)

    def _ended(self, pid: int, status: int) -> None:
        lived = time.monotonic() - self._began.pop(pid)
        if self._told is not None:
            return
        log.warning("worker ended", worker=pid, status=os.waitstatus_to_exitcode(status))
        if lived < BRIEF:
            self._status = 1
            self._tell(signal.SIGTERM, None)
        else:
            self._begin()

    def _tell(self, number: int, frame: FrameType | None) -> None:
        del frame
        passed = signal.SIGTERM if self._told is None else signal.SIGKILL
        self._told = signal.Signals(number)
        for pid in self._began:
            os.kill(pid, passed)
