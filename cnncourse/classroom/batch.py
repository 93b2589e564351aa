"""Grade a batch: several sandboxes at a time, unchanged submissions kept; safe to interrupt, quick to resume."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from datetime import timezone
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import overload

import nbformat

from cnncourse.checking.notebooks import UnreadableError
from cnncourse.checking.runner.program import ADDED, OWN
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.files import atomic_write

from .course import Assignment, Course, parse_time
from .grade import empty_record, grade_submission
from .graded_notebook import graded_notebook
from .sandbox import Sandbox, SandboxError
from .submission import Submission, read_bytes, read_submission
from .verdict import GRADED, MISSING, PERSON, Verdict, read_verdict, save_verdict

TRIAL = """\
import traceback
import matplotlib.pyplot as plt

print(torch.ones(2, 2) / 3)
try:
    raise ValueError("tried")
except ValueError:
    traceback.print_exc()
figure, axes = plt.subplots()
axes.imshow(torch.ones(2, 2))
figure.savefig("trial.png")

"""  # before a right answer: what answers of students do, and what needs more of Python's environment


def environment() -> list[str]:
    """List this Python and all that is installed for it: a mark depends on what an answer can import."""
    installed = {f"{found.name} {found.version}" for found in importlib.metadata.distributions()}
    return [platform.python_version(), platform.machine(), *sorted(installed)]


class Grader:
    """Grades the submissions of one assignment.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    isolated : bool, default True
        See `Sandbox`.
    """

    def __init__(self, course: Course, assignment: Assignment, isolated: bool = True) -> None:
        self.course, self.assignment, self.isolated = course, assignment, isolated
        self.filename = f"{assignment.name}.ipynb"
        self.release = nbformat.read(course.release(assignment.name) / self.filename, as_version=4)
        mark_inputs = [*assignment.mark_inputs(), *environment()]
        self.cache_prefix = repr(mark_inputs).encode() + nbformat.writes(self.release).encode()
        self.checkers = assignment.checkers()
        for checker in self.checkers.values():
            checker.expected, checker.behaviours  # noqa: B018 - computed now, in one thread: it redirects streams
        self.tried, self.trying = False, Lock()

    def grade_all(self, students: Sequence[str], jobs: int, done: Callable[[Verdict, bool], None]) -> None:
        """Grade students; those whose submission has not changed keep their verdict.

        What takes too long, too much memory or ends its process is graded once more, alone, after all others: then no
        neighbour can be the reason.

        Parameters
        ----------
        students : sequence of str
        jobs : int
            Sandboxes at work at the same time.
        done : callable
            ``done(verdict, changed)`` is called in this thread for each student, in the order in which they are ready.
        """
        workers = max(1, min(jobs, len(students)))
        sandboxes = [Sandbox(self.isolated) for _ in range(workers)]
        idle: SimpleQueue[Sandbox] = SimpleQueue()
        for sandbox in sandboxes:
            idle.put(sandbox)

        def work(student: str) -> tuple[Verdict, bool] | None:
            sandbox = idle.get()  # there are as many as threads
            try:
                if sandbox.interrupted:
                    raise CancelledError
                return self.grade(student, sandbox, last=False)
            except (CancelledError, SandboxError, OSError):  # then nobody's submission can be graded
                raise
            except Exception as error:
                verdict = Verdict(student, GRADED)
                verdict.needs_person(f"grading it raised {type(error).__name__}")
                return self._write(verdict, None), True
            finally:
                idle.put(sandbox)

        again = []
        try:
            with ThreadPoolExecutor(workers) as pool:
                futures = {pool.submit(work, student): student for student in students}
                try:
                    for future in as_completed(futures):
                        graded = future.result()
                        done(*graded) if graded else again.append(futures[future])
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    for sandbox in sandboxes:
                        sandbox.interrupt()
                    raise
            for student in sorted(again):
                done(*self.grade(student, sandboxes[0]))
        finally:
            for sandbox in sandboxes:
                sandbox.stop()

    @overload
    def grade(self, student: str, sandbox: Sandbox) -> tuple[Verdict, bool]: ...

    @overload
    def grade(self, student: str, sandbox: Sandbox, last: bool) -> tuple[Verdict, bool] | None: ...

    def grade(self, student: str, sandbox: Sandbox, last: bool = True) -> tuple[Verdict, bool] | None:
        """Grade one student.

        Parameters
        ----------
        student : str
        sandbox : Sandbox
        last : bool, default True
            False to keep nothing of an answer that ended early, and to return None: it is to be graded once more.

        Returns
        -------
        verdict : Verdict
        changed : bool
            False if an earlier verdict still holds.

        Raises
        ------
        SandboxError
            If the sandbox was interrupted, or does not run a right answer.
        """
        folder = self.course.submitted / student / self.assignment.name
        earlier = read_verdict(self.course, student, self.assignment.name)
        verdict = Verdict(student, GRADED)
        try:
            content = read_bytes(folder, self.filename)
            if content is None:
                return self._write(Verdict(student, MISSING), None), True
            verdict.key = hashlib.sha256(self.cache_prefix + content).hexdigest()
            self._enter_time(verdict, folder)
            if earlier and earlier.key == verdict.key and PERSON not in (earlier.status, verdict.status):
                return self._keep(earlier, verdict), False
            submission = read_submission(content, self.release)
        except (UnreadableError, OSError) as error:
            verdict.status, verdict.notes = PERSON, [str(error)]
            return self._write(verdict, None), True
        self._try(sandbox)
        if grade_submission(submission, self.checkers, self.assignment.points, sandbox, verdict) and not last:
            return None
        return self._write(verdict, submission), True

    def _try(self, sandbox: Sandbox) -> None:
        """Run right answers first, once: in a sandbox that spoils them no submission could be graded fairly.

        Raises
        ------
        SandboxError
            If one of them does not get all points.
        """
        with self.trying:
            if self.tried:
                return
            if sandbox.process is None:
                sandbox.start()
            for name, checker in self.checkers.items():
                cells = [(ADDED, PRACTICE_IMPORTS), (OWN, TRIAL + checker.exercise.solution(checker.variant))]
                result = sandbox.observe(cells, checker.exercise, checker.cases)
                report = checker.report(result.observed)
                if result.fault or not report.passed:
                    why = result.fault or result.ended_by or report.sentence
                    raise SandboxError(
                        f"the sandbox does not run the right answer to {name} ({why}), so that nothing was graded; "
                        "see that Python's environment is complete, and try again"
                    )
            self.tried = True

    def _enter_time(self, verdict: Verdict, folder: Path) -> None:
        """Enter the time in nbgrader's timestamp.txt; without the file the time stays unknown."""
        try:
            stamp = (read_bytes(folder, "timestamp.txt") or b"").decode("ascii").strip()
            if stamp:
                moment = parse_time(stamp.replace(" UTC", "+00:00")).astimezone(timezone.utc)
                verdict.submitted_at = moment.isoformat()
                verdict.days_late = self.assignment.days_late(verdict.student, verdict.submitted_at)
        except (UnreadableError, OSError, ValueError, OverflowError):
            verdict.needs_person("its timestamp.txt cannot be read, so that nobody knows whether it is late")

    def _keep(self, earlier: Verdict, verdict: Verdict) -> Verdict:
        """Keep an earlier verdict; only the due time or the time of submission may have changed."""
        if (earlier.submitted_at, earlier.days_late) != (verdict.submitted_at, verdict.days_late):
            earlier.submitted_at, earlier.days_late = verdict.submitted_at, verdict.days_late
            save_verdict(self.course, self.assignment.name, earlier)
        return earlier

    def _write(self, verdict: Verdict, submission: Submission | None) -> Verdict:
        for name, points in self.assignment.points.items():
            verdict.exercises.setdefault(name, empty_record(points, "not attempted"))
        folder = self.course.graded(verdict.student, self.assignment.name)
        notebook = graded_notebook(self.release, submission, verdict)
        atomic_write(folder / self.filename, nbformat.writes(notebook) + "\n")
        save_verdict(self.course, self.assignment.name, verdict)
        return verdict
