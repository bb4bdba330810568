"""The inside of a process that opens files which may be damaged or hostile (`worker.py` is the other side).

Little time, little memory, no output of its own. Knows nothing of what it opens.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from robot.worker import read_request, write_answer

# Longer than the parent waits: this clock is for the day when the parent is not there any more.
GRACE = 5


def serve(answer: Callable[[bytes], tuple[bytes, bool]], *, memory: int) -> None:
    """Answers requests until nobody asks any more. `answer` also says whether this process should take no other request.

    `memory` is in bytes: a request for more is a MemoryError in it, or the end of the process.
    """
    # Ctrl-C is for the parent, which knows what to do with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _private_output()
    _limit_memory(memory)
    while True:
        try:
            seconds, request = read_request(sys.stdin.buffer)
        except EOFError:
            return
        # Needs neither this interpreter nor its lock: a parser that never returns is ended all the same.
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True)
        content, is_spent = answer(request)
        write_answer(answers, content)
        faulthandler.cancel_dump_traceback_later()
        if is_spent:
            return


def _private_output() -> BinaryIO:
    """The pipe to the parent; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 (no path of a user)
        os.dup2(nowhere.fileno(), 1)
    return answers


def _limit_memory(memory: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        if sys.platform == "darwin":
            # This system takes the limit and does not keep it.
            threading.Thread(target=_watch_memory, args=[memory], daemon=True).start()
        else:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if sys.platform == "win32":
        _limit_on_windows(memory)


def _watch_memory(memory: int) -> None:
    import resource

    tick = threading.Event()
    # In bytes on macOS; a parser that holds the interpreter's lock is ended by its time.
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < memory:
        tick.wait(0.1)
    os._exit(1)


def _limit_on_windows(memory: int) -> None:
    """A job of one process, with a limit: the only way on Windows."""
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        )

    class Extended(ctypes.Structure):
        _fields_ = (
            ("Basic", Basic),
            ("Io", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        )

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    for function in (kernel.CreateJobObjectW, kernel.GetCurrentProcess):
        function.restype = wintypes.HANDLE
    job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
    limit_process_memory, extended_limits = 0x100, 9
    limits = Extended(ProcessMemoryLimit=memory)
    limits.Basic.LimitFlags = limit_process_memory
    kernel.SetInformationJobObject(job, extended_limits, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(job, wintypes.HANDLE(kernel.GetCurrentProcess()))
