"""Time contenders side by side, and measure what memory one call takes."""

import ctypes
import platform
import random
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch


def interleaved(contenders, seconds, threads=1, turns=3):
    """Time functions in random turns, warm, and return each one's median in seconds.

    What disturbs the machine for a while disturbs all of them: their ratios are steadier than their times. A slow one
    drops out when it has used up its share of `seconds`, after `turns` turns at least.

    Parameters
    ----------
    contenders : dict of str to callable
    seconds : float
        For all of them together.
    threads : int
        With one thread processor time is counted, which neighbours on the machine do not lengthen; with more, the
        time on the wall.
    turns : int
        At least so many measurements of each.

    Returns
    -------
    dict of str to float
    """
    clock = time.process_time if threads == 1 else time.perf_counter
    order, times = random.Random(0), {name: [] for name in contenders}
    for run in contenders.values():
        run()
    while True:
        waiting = [
            name for name, taken in times.items() if len(taken) < turns or sum(taken) < seconds / len(contenders)
        ]
        if not waiting:
            return {name: median(taken) for name, taken in times.items()}
        order.shuffle(waiting)
        for name in waiting:
            start = clock()
            contenders[name]()
            times[name].append(clock() - start)


def extra_memory(run):
    """Measure the most memory that one call takes beyond what was there, its result included, in bytes.

    Only Linux tells; elsewhere the answer is None.
    """
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if not reset.exists():
        return None

    def in_bytes(field):
        line = next(line for line in status.read_text().splitlines() if line.startswith(field))
        return int(line.split()[1]) * 1024

    run()  # what is loaded on first use does not count
    ctypes.CDLL(None).malloc_trim(0)  # nor may memory that was freed before be used again
    before = in_bytes("VmRSS")
    reset.write_text("5")
    run()
    return max(0, in_bytes("VmHWM") - before)


def machine():
    """Describe where and with what the numbers were measured."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
