"""Hostile answers: code that attacks the grader from within, each with the mark that it must get.

Every submission answers `corr2d` (4 points) as the table says; `max_pool2d` (6) and `sgd_step` (4) are answered right
and must keep full marks whatever happens beside them.
"""

import atexit
import os
import socket
import textwrap
from pathlib import Path

import psutil
import pytest

from cnncourse.exercises.registry import find

pytestmark = pytest.mark.slow

RIGHT = find("corr2d").source
BODY = textwrap.dedent(RIGHT.split('"""')[2])
FULL, NOTHING = 4, 0
GRADED, FAILED = "graded", "failed to run"
FORGED = '{"outcome": "returned", "value": {"tensor": {"dtype": "float32", "shape": [1, 1], "data": "AADAQA=="}}}'

LISTENER = socket.socket()
LISTENER.bind(("127.0.0.1", 0))
LISTENER.listen()
atexit.register(LISTENER.close)
PORT = LISTENER.getsockname()[1]


def instead(body, before=""):
    """The answer does this and returns what this returns."""
    return f"{before}\ndef corr2d(image, kernel):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"


def first(body, before=""):
    """The answer does this, then what is right."""
    return instead(textwrap.dedent(body) + BODY, before=before)


def returning(value):
    """The answer computes what is right as `output`, and returns this instead."""
    return RIGHT.replace("return output", f"return {value}")


IMPOSSIBLE = "[0, 64000000, 64000000, 64000000, 64000000]"
TO_ALL = """
import os
def to_all(content):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, content)
        except OSError:
            pass
"""
ATTACKS = {
    # name: (what corr2d's cell is, points, status)
    # ending, hanging, taking everything
    "leaves the process": (instead("import os; os._exit(0)"), NOTHING, FAILED),
    "leaves by SystemExit": (instead("raise SystemExit(0)"), NOTHING, GRADED),
    "raises KeyboardInterrupt": (instead("raise KeyboardInterrupt"), NOTHING, FAILED),
    "loops for ever": (instead("while True: pass"), NOTHING, FAILED),
    "sleeps for ever": (instead("import time; time.sleep(10 ** 6)"), NOTHING, FAILED),
    "loops at the top of its cell": ("while True: pass", NOTHING, FAILED),
    "leaves at the top of its cell": (f"{RIGHT}\nimport os\nos._exit(0)", NOTHING, FAILED),
    "crashes the interpreter": (instead("import ctypes; ctypes.string_at(0)"), NOTHING, FAILED),
    "recurses without end": (instead("return corr2d(image, kernel)"), NOTHING, GRADED),
    "forks without end": (instead("import os\nwhile True: os.fork()"), NOTHING, None),
    "starts threads without end": (
        instead("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(999,)).start()"),
        NOTHING,
        GRADED,
    ),
    "asks for 80 GB": (instead("return torch.ones(10 ** 10)"), NOTHING, GRADED),
    "fills the memory": (instead("held = []\nwhile True: held.append(bytearray(10 ** 8))"), NOTHING, None),
    "fills the disk": (
        instead("for n in range(99): open(f'/tmp/{n}', 'wb').write(bytes(50_000_000))"),
        NOTHING,
        GRADED,
    ),
    "prints a gigabyte, rightly": (first("for _ in range(1000): print('x' * 10 ** 6)"), FULL, GRADED),
    "signals everybody": (
        instead("import os, signal\nfor who in (-1, 1, os.getppid()): os.kill(who, signal.SIGKILL)"), NOTHING, None,
    ),
    "reads from the keyboard": (instead("return input()"), NOTHING, GRADED),
    "leaves a thread running, rightly": (
        first("import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()"), FULL, GRADED,
    ),
    "leaves a process running, rightly": (
        first("import subprocess\nsubprocess.Popen(['sleep', '98765'], start_new_session=True)"), FULL, GRADED,
    ),
    # forging what goes to the compare
    "prints a forged observation": (instead(f"import sys; sys.__stdout__.write('''{FORGED}\\n''')"), NOTHING, GRADED),
    "writes forged observations to every descriptor": (
        instead(f"to_all(b'''{FORGED}\\n''')", before=TO_ALL), NOTHING, None,
    ),
    "writes an endless reply": (instead("while True: to_all(b'x' * 9999)", before=TO_ALL), NOTHING, FAILED),
    "writes bytes that are no text": (instead(r"to_all(b'\xff\xfe{\n')", before=TO_ALL), NOTHING, None),
    "writes JSON of enormous depth": (instead(r"to_all(b'[' * 10 ** 5 + b'\n')", before=TO_ALL), NOTHING, None),
    "writes a tensor of impossible shape": (
        instead(f"to_all(b'''{FORGED.replace('[1, 1]', IMPOSSIBLE)}\\n''')", before=TO_ALL), NOTHING, None,
    ),
    "patches the encoder": (
        instead("import runner.observing as p\np.encode = lambda value, depth=0: {'tensor': 1}"), NOTHING, GRADED,
    ),
    "patches torch's comparisons": (
        instead("torch.isclose = torch.allclose = torch.equal = lambda *a, **k: torch.tensor(True)"), NOTHING, GRADED,
    ),
    # values that are not plain
    "returns an object equal to everything": (
        instead("return Yes()", "class Yes:\n    __eq__ = __le__ = lambda s, o: True\n    __hash__ = None"),
        NOTHING, GRADED,
    ),
    "returns a tensor subclass": (
        instead("return torch.zeros(1).as_subclass(Yes)", "class Yes(torch.Tensor):\n    __eq__ = lambda s, o: True"),
        NOTHING, GRADED,
    ),
    "returns a sparse tensor": (returning("output.to_sparse()"), NOTHING, GRADED),
    "returns a meta tensor": (returning("output.to('meta')"), NOTHING, GRADED),
    "returns a quantised tensor": (
        returning("torch.quantize_per_tensor(output.float(), 1.0, 0, torch.qint32)"), NOTHING, GRADED,
    ),
    "returns complex numbers": (returning("output.to(torch.complex64)"), NOTHING, GRADED),
    "returns objects in an array": (returning("np.array(output, dtype=object)"), NOTHING, GRADED),
    "returns an enormous integer": (instead("return 10 ** 100_000"), NOTHING, GRADED),
    "returns a huge tensor": (instead("return torch.zeros(15_000_000)"), NOTHING, GRADED),
    "returns a list that holds itself": (instead("held = []\nheld.append(held)\nreturn held"), NOTHING, GRADED),
    "returns not a number": (instead("return image * float('nan')"), NOTHING, GRADED),
    "raises with a message that raises": (
        instead("raise Bad", "class Bad(Exception):\n    def __str__(self): raise RuntimeError"), NOTHING, GRADED,
    ),
    # looking for answers
    "imports the solution": ("from cnncourse.exercises import solved\ncorr2d = solved('corr2d')", NOTHING, FAILED),
    "imports the package": (
        instead("import cnncourse.convolution as c\nreturn c.corr2d(image, kernel)"), NOTHING, GRADED,
    ),
    "looks for the solution on the disk": (
        instead(
            """
            import os, sys
            skipped = {"/proc", "/usr", sys.prefix, sys.base_prefix}  # what is installed may be a million files
            for folder, folders, names in os.walk("/"):
                folders[:] = [name for name in folders if os.path.join(folder, name) not in skipped]
                if {"corr2d.py", "gradebook.db"} & set(names):
                    return torch.ones(1), folder
            if any(os.path.exists(os.path.join(place, "cnncourse", "exercises")) for place in sys.path):
                return torch.ones(1)
            """
        ),
        NOTHING, GRADED,
    ),
    "looks for the solution in memory": (
        instead(
            """
            import gc, sys
            for thing in gc.get_objects():
                if callable(thing) and getattr(thing, "__name__", "") == "corr2d" and thing is not corr2d:
                    return thing(image, kernel)
            frame = sys._getframe()
            while frame:
                if "expected" in frame.f_locals:
                    return frame.f_locals["expected"]
                frame = frame.f_back
            """
        ),
        NOTHING, GRADED,
    ),
    "reads the environment": (
        instead(
            """
            import glob, os
            texts = [repr(dict(os.environ))]
            for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
                try: texts.append(open(path, "rb").read().decode("latin-1"))
                except OSError: pass
            return " ".join(texts)[-9000:]
            """
        ),
        NOTHING, GRADED,
    ),
    "talks to the network": (
        instead(
            f"""
            import socket
            for place in (("127.0.0.1", {PORT}), ("1.1.1.1", 53)):
                try: socket.create_connection(place, timeout=2).sendall(b"hello")
                except OSError: pass
            """
        ),
        NOTHING, GRADED,
    ),
    "writes outside its folder": (
        instead(
            """
            import os
            for folder in ("/", "/usr", "/etc", "/grader", "/grader/runner", "/dev", "/root", "/proc/sys/kernel"):
                try: open(folder + "/planted-by-a-student", "w").write("here")
                except OSError: pass
                else: return torch.ones(1)
            """
        ),
        NOTHING, GRADED,
    ),
    "builds a namespace of its own": (
        instead(
            """
            import ctypes
            libc = ctypes.CDLL(None)
            for flag in (0x10000000, 0x20000000, 0x20000, 0x40000000):
                libc.unshare(flag)
            libc.mount(b"/", b"/tmp", None, 4096, None)
            """
        ),
        NOTHING, GRADED,
    ),
    "hard-codes the visible cases": (
        instead("return {1: torch.tensor([[6.0]])}.get(image.numel())"), NOTHING, GRADED,
    ),
    # rules of the exercise
    "calls torch's convolution": (
        instead("return F.conv2d(image[None, None], kernel[None, None])[0, 0]"), NOTHING, GRADED,
    ),
    "calls torch's convolution by its operator": (
        instead(
            "c = torch.ops.aten.convolution\n"
            "return c(image[None, None], kernel[None, None], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)[0, 0]"
        ),
        NOTHING, GRADED,
    ),
    "switches the default type": (first("torch.set_default_dtype(torch.float64)"), NOTHING, GRADED),
    "changes its argument": (first("image += 1"), NOTHING, GRADED),
    # harm to the other exercises
    "breaks torch at the top of its cell": (
        f"{RIGHT}\ntorch.amax = torch.no_grad = torch.zeros = None", NOTHING, GRADED,
    ),
    "breaks Python at the top of its cell": (
        f"{RIGHT}\nimport builtins\nbuiltins.range = builtins.isinstance = None", NOTHING, None,
    ),
    "redefines another exercise": (f"{RIGHT}\ndef max_pool2d(*args): return None\nsgd_step = None", FULL, GRADED),
    # more of all that
    "closes every descriptor": (first("import os; os.closerange(0, 300)"), NOTHING, FAILED),
    "leaves when its value is forgotten": (
        first("held = Held()\ndel held", "class Held:\n    def __del__(self):\n        import os; os._exit(3)"),
        NOTHING, FAILED,
    ),
    "overflows the stack": (
        instead("import sys\nsys.setrecursionlimit(10 ** 9)\nreturn corr2d(image, kernel)"), NOTHING, None,
    ),
    "stops its process": (instead("import os; os.kill(-1, 19); os.kill(1, 19)"), NOTHING, GRADED),
    "starts forty processes of 200 MB": (
        instead(
            """
            import os, time
            for _ in range(40):
                if not os.fork():
                    held = bytearray(b"x") * 200_000_000
                    time.sleep(99)
            time.sleep(99)
            """
        ),
        NOTHING, FAILED,
    ),
    "hides memory that no process maps": (
        instead(
            """
            import mmap
            for _ in range(9):
                held.append(shared := mmap.mmap(-1, 10 ** 9))
                for start in range(0, 10 ** 9, 10 ** 8): shared[start : start + 10 ** 8] = bytes(10 ** 8)
                shared.madvise(mmap.MADV_DONTNEED)
            """,
            before="held = []",
        ),
        NOTHING, None,
    ),
    "keeps bytes in memory files and keyrings": (
        first(
            """
            import ctypes, os
            libc = ctypes.CDLL(None)
            kept = [libc.syscall(248, b"user", b"a", b"b", 1, -4), libc.shmget(0, 9, 896)]
            try: kept.append(os.memfd_create("left"))
            except PermissionError: pass
            if max(kept) >= 0: return torch.ones(1)
            """
        ),
        FULL, GRADED,
    ),
    "floods its output from a thread, rightly": (
        first(
            "import threading\ndef flood():\n    while True: print('x' * 10 ** 5)\n"
            "threading.Thread(target=flood, daemon=True).start()"
        ),
        FULL, GRADED,
    ),
    "traces every line, rightly": (
        first("import sys\nsys.settrace(lambda *given: None); sys.setprofile(lambda *given: None)"), FULL, GRADED,
    ),
    "reloads torch": (instead("import importlib; importlib.reload(torch)"), NOTHING, GRADED),
    "hooks imports and patches json": (
        instead(
            "import json, sys\nsys.meta_path.insert(0, None)\n"
            f"json.dumps = lambda *given, **more: '''{FORGED}'''"
        ),
        NOTHING, None,
    ),
    "raises with half a character": (instead(r"raise ValueError('\ud800 and a message')"), NOTHING, GRADED),
    "raises an exception of unspeakable name": (instead(r"raise type('\ud800', (Exception,), {})()"), NOTHING, GRADED),
    "returns half a character": (instead(r"return '\ud800'"), NOTHING, GRADED),
    "returns a generator": (instead("yield image"), NOTHING, GRADED),
    "is asynchronous": (RIGHT.replace("def corr2d", "async def corr2d"), NOTHING, GRADED),
    "is a class that returns what is right": (
        f"class corr2d:\n    def __new__(cls, image, kernel):\n{textwrap.indent(BODY, ' ' * 8)}", FULL, GRADED,
    ),
    "returns what hangs on a graph, rightly": (returning("output.double().requires_grad_()"), FULL, GRADED),
    "returns minus zero for zero, rightly": (returning("torch.where(output == 0, -0.0, output)"), FULL, GRADED),
    "returns infinity": (returning("output / 0"), NOTHING, GRADED),
    "returns a view of its argument": (instead("return image[: -kernel.shape[0] + 1]"), NOTHING, GRADED),
    "returns one number stretched to a terabyte": (instead("return torch.zeros(1).expand(10 ** 12)"), NOTHING, GRADED),
    "returns a named tuple": (
        instead("import collections\nreturn collections.namedtuple('Pair', 'a b')(1, 2)"), NOTHING, GRADED,
    ),
    "decodes its answer from marshal, rightly": (
        f"import marshal\nexec(marshal.loads(marshal.dumps(compile({RIGHT!r}, 'hidden', 'exec'))))", FULL, GRADED,
    ),
    "writes into the probe by ctypes": (
        instead("import ctypes, runner.observing as p\nctypes.memset(id(p.observe.__code__), 0, 64)"), NOTHING, None,
    ),
    "loops while it binds what others may use": (
        f"{RIGHT}\nwhile True:\n    output = input = parameters = windows = None", NOTHING, FAILED,
    ),
    "gives others a helper that leaves": (f"{RIGHT}\nimport os\nparameters = amax = os._exit(1)", NOTHING, FAILED),
    "nests a sum without end, rightly": (f"{RIGHT}\ndepth = 1{' + 1' * 800}", FULL, GRADED),
    # frames, tracing, patched modules
    "replaces the probes": (
        instead(
            "import runner.calls as calls\nforged = lambda answer, **given: torch.ones(1, 1)\n"
            "calls.PROBES.update(dict.fromkeys(calls.PROBES, forged))\nreturn torch.ones(1, 1)"
        ),
        NOTHING, GRADED,
    ),
    "replaces the observation in the frame above": (
        instead(
            """
            import sys
            frame = sys._getframe()
            while frame:
                for held in frame.f_locals.values():
                    if isinstance(held, dict): held.update(outcome="returned", value=None, refused=[], left=[])
                frame = frame.f_back
            """
        ),
        NOTHING, GRADED,
    ),
    "traces the frames above": (
        instead(
            """
            import sys
            frame = sys._getframe()
            while frame:
                frame.f_trace = lambda *given: None
                frame.f_trace_lines = frame.f_trace_opcodes = True
                frame = frame.f_back
            sys.settrace(lambda *given: None)
            """
        ),
        NOTHING, GRADED,
    ),
    "refuses every event that Python audits, rightly": (
        first("import sys\ndef refuse(*event): raise RuntimeError\nsys.addaudithook(refuse)"), FULL, None,
    ),
    "returns what another call computed": (
        instead("return kept.setdefault(0, image[:1, :1] * kernel[:1, :1])", before="kept = {}"), NOTHING, GRADED,
    ),
    "freezes the clock": (
        instead("import time\ntime.monotonic = time.time = lambda: 0\nwhile True: pass"), NOTHING, FAILED,
    ),
    "ignores every signal": (
        instead(
            "import signal\nfor number in set(signal.Signals) - {9, 19}: signal.signal(number, signal.SIG_IGN)\n"
            "while True: pass"
        ),
        NOTHING, FAILED,
    ),
    # the processes beside it
    "stops its process group": (instead("import os; os.kill(0, 19)"), NOTHING, GRADED),
    "stops its process group, then fills the memory": (
        instead(
            """
            import os, time
            if not os.fork():
                os.setsid()
                held = []
                while True: held.append(bytearray(b"x" * 10 ** 8))
            os.kill(0, 19)
            time.sleep(10 ** 6)
            """
        ),
        NOTHING, FAILED,
    ),
    "starts a session of its own, rightly": (
        first("import os\nif not os.fork():\n    os.setsid(); os.execvp('sleep', ['sleep', '98764'])"), FULL, GRADED,
    ),
    "computes in a process that nobody waits for": (
        instead("import os, time\nif not os.fork():\n    while True: pass\ntime.sleep(10 ** 6)"), NOTHING, FAILED,
    ),
    "sleeps in many threads": (
        instead(
            "import threading, time\nfor _ in range(20): threading.Thread(target=time.sleep, args=(999,)).start()\n"
            "time.sleep(999)"
        ),
        NOTHING, FAILED,
    ),
    "raises its own limits": (
        first(
            """
            import resource
            for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
                try: resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2)
                except (ValueError, OSError): pass
                else: return torch.ones(1)
            """
        ),
        FULL, GRADED,
    ),
    "takes the first place on every processor, rightly": (
        first("import os\ntry: os.nice(-20)\nexcept OSError: pass\nos.sched_setaffinity(0, {0})"), FULL, GRADED,
    ),
    # what answers could tell each other
    "reaches another answer over the network": (
        first(
            """
            import socket
            with socket.socket() as server:
                server.bind(("0.0.0.0", 45454))
                server.listen()
                try: socket.create_connection(("127.0.0.1", 45454), timeout=1)
                except OSError: pass
                else: return torch.ones(1)
            """
        ),
        FULL, GRADED,
    ),
    "opens a socket to the machine below": (
        first(
            """
            import socket
            for family in (40, 38, 17, 29, 31):  # vsock, the kernel's crypto, raw packets, CAN, Bluetooth
                try: socket.socket(family, socket.SOCK_STREAM if family == 40 else socket.SOCK_RAW)
                except OSError: pass
                else: return torch.ones(1)
            """
        ),
        FULL, GRADED,
    ),
    "locks a file that all can read": (
        first(
            """
            import fcntl, os, sys
            with open(os.path.realpath(sys.executable), "rb") as shared:
                for lock, what in (
                    (fcntl.flock, [fcntl.LOCK_SH]), (fcntl.lockf, [fcntl.LOCK_SH]),
                    (fcntl.fcntl, [1024, fcntl.F_RDLCK]), (fcntl.fcntl, [37, bytes(32)]),
                ):
                    try: lock(shared, *what)
                    except PermissionError: pass
                    else: return torch.ones(1)
            """
        ),
        FULL, GRADED,
    ),
    "asks which pages of a file are in memory": (
        first(
            """
            import ctypes, mmap, os, sys
            libc = ctypes.CDLL(None)
            with open(os.path.realpath(sys.executable), "rb") as shared:
                pages = mmap.mmap(shared.fileno(), 0, prot=mmap.PROT_READ)
                where = np.frombuffer(pages, dtype=np.uint8).ctypes.data
                if libc.mincore(ctypes.c_void_p(where), 4096, ctypes.create_string_buffer(1)) == 0: return torch.ones(1)
                if libc.syscall(451, shared.fileno(), bytes(16), bytes(40), 0) == 0: return torch.ones(1)
            """
        ),
        FULL, GRADED,
    ),
    "watches who opens a file": (
        first("import ctypes\nif ctypes.CDLL(None).inotify_init1(0) >= 0: return torch.ones(1)"), FULL, GRADED,
    ),
    # what would be written at length
    "returns ninety thousand strings": (instead("return ['text' * 9] * 90_000"), NOTHING, GRADED),
    "returns a dict of ninety thousand numbers": (
        instead("return {str(number): number for number in range(90_000)}"), NOTHING, GRADED,
    ),
    "names a setting of 7 MB": (
        instead(
            "import json, runner.observing as p\ndumps = json.dumps\n"
            "json.dumps = lambda content: dumps(content | {'left': ['x' * 7_000_000]})\nreturn image"
        ),
        NOTHING, None,
    ),
    "names a thousand arguments of 7,000 letters as changed": (
        instead(
            "import json\ndumps = json.dumps\n"
            "json.dumps = lambda content: dumps(content | {'changed': ['x' * 7_000] * 999})\nreturn image"
        ),
        NOTHING, None,
    ),
    "raises a message of 5 MB": (instead("raise ValueError('x' * 5_000_000)"), NOTHING, GRADED),
    # text
    "has 60,000 blanks beside a magic, rightly": (
        f"%matplotlib inline{' ' * 60_000}\n{' ' * 60_000}\n{RIGHT}\n%time{' ' * 60_000}x = 1", FULL, GRADED,
    ),
    "has a syntax error": ("def corr2d(image, kernel:\n    return image", NOTHING, FAILED),
    "has a null byte": (f"{RIGHT}\n\0", NOTHING, FAILED),
    "has a lone surrogate": (f"{RIGHT}\n# \ud800", FULL, GRADED),
    "spells its name in wide letters": (RIGHT.replace("def corr2d", "def ｃｏｒｒ2d"), FULL, GRADED),
    "nests brackets without end": (f"{RIGHT}\nx = {'(' * 5000}", NOTHING, FAILED),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(grade_table, write_submission):
    def writer(source):
        return lambda course, student: write_submission(course, student, {"corr2d": source})

    return grade_table({name: writer(source) for name, (source, *_) in ATTACKS.items()})


@pytest.mark.sandbox
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_its_mark_and_harms_nobody(graded, name):
    _, points, status = ATTACKS[name]
    row = graded[1][name]
    assert float(row["corr2d"]) == points
    assert (row["max_pool2d"], row["sgd_step"], row["max"]) == ("6", "4", "14")
    if status:
        assert row["status"] == status


@pytest.mark.sandbox
def test_nothing_is_left_and_nothing_leaks(graded):
    course, _ = graded
    mine = psutil.Process().children(recursive=True)
    assert not [process for process in mine if "sandbox" in " ".join(process.cmdline()) or "98765" in process.cmdline()]
    assert not [
        process.info for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == ["sleep", "98765"]
    ]
    for path in [*course.glob("feedback/**/*"), *course.glob("autograded/**/*")]:
        if path.is_file():
            assert "a-secret-of-the-grader-7c1f" not in path.read_text(encoding="utf-8")
            assert path.stat().st_mode & 0o077 == 0
            assert path.stat().st_size < 2_000_000
    for folder in ("/", "/usr", "/etc", "/root", "/dev", os.getcwd()):
        assert not Path(folder, "planted-by-a-student").exists()


@pytest.mark.sandbox
def test_no_answer_reached_the_network(graded):
    LISTENER.settimeout(0.2)
    with pytest.raises(TimeoutError):
        LISTENER.accept()


def test_the_page_lists_every_attack():
    page = Path(__file__).parents[2].joinpath("book", "attacks.md").read_text(encoding="utf-8")
    for name, (_, points, status) in ATTACKS.items():
        assert f"| {name} | {points} | {status or 'graded or failed to run'} |" in page
