"""Grade submissions: intake, sandbox, verdict outside, one record a student; safe to interrupt, quick to resume."""

import hashlib
import json
import queue
import threading
from dataclasses import asdict, dataclass, field
from datetime import timezone

import nbformat

from .course import parse_time, write_whole
from .inside.cells import OTHER
from .intake import Unreadable, flags, read_bytes, read_submission
from .sandbox import Sandbox, SandboxError
from .telling import hidden_share, told

GRADED, MISSING, FAILED, PERSON = "graded", "missing", "failed to run", "needs a person"
VERDICT = "verdict.json"


@dataclass
class Verdict:
    """All that is known about one student's submission.

    Parameters
    ----------
    student : str
    status : str
        "graded", "missing", "failed to run" or "needs a person".
    submitted_at : str or None
        ISO 8601.
    days_late : int
    exercises : dict of str to dict
        By name: ``mark``, ``points``, ``status``, ``misconception``, ``sentence``, ``call`` (of a visible case) and
        ``ended``.
    notes : list of str
        What a person should know.
    key : str
        Of the bytes that were graded and of the assignment: what is unchanged is not graded again.
    figures : list of str
        The student's own pictures, PNG in base64.
    """

    student: str
    status: str
    submitted_at: str | None = None
    days_late: int = 0
    exercises: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    key: str = ""
    figures: list = field(default_factory=list)


class Grader:
    """Grades the submissions of one assignment, one after the other in each of several threads.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    walled : bool
        See `Sandbox`.
    """

    def __init__(self, course, assignment, walled=True):
        self.course, self.assignment, self.walled = course, assignment, walled
        self.filename = f"{assignment.name}.ipynb"
        self.release = nbformat.read(course.release(assignment.name) / self.filename, as_version=4)
        self.salt = repr(assignment.decides_marks()).encode() + nbformat.writes(self.release).encode()
        self.checkers = assignment.checkers()
        for checker in self.checkers.values():
            checker.expected, checker.behaviours  # noqa: B018 - observed now, in one thread: it redirects streams
        self.sandboxes = []

    def read_earlier(self, student):
        """Return the verdict of an earlier run, or None."""
        return read_verdict(self.course, student, self.assignment.name)

    def grade_all(self, students, jobs, done):
        """Grade students, those with an unchanged verdict left as they are.

        Parameters
        ----------
        students : sequence of str
        jobs : int
            Sandboxes at work at the same time.
        done : callable
            ``done(verdict, changed)`` is called in this thread for each student, in the order in which they are ready.
        """
        waiting, ready = queue.SimpleQueue(), queue.SimpleQueue()
        for student in students:
            waiting.put(student)
        workers = [
            threading.Thread(target=self._work, args=(waiting, ready), daemon=True)
            for _ in range(max(1, min(jobs, len(students))))
        ]
        for worker in workers:
            worker.start()
        try:
            for _ in students:
                outcome = ready.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                done(*outcome)
        finally:
            while not waiting.empty():
                waiting.get_nowait()
            for sandbox in list(self.sandboxes):
                sandbox.interrupt()
            for worker in workers:
                worker.join()

    def _work(self, waiting, ready):
        sandbox = Sandbox(self.walled)
        self.sandboxes.append(sandbox)
        try:
            while not sandbox.over:
                try:
                    student = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    ready.put(self.grade(student, sandbox))
                except (SandboxError, OSError):  # nobody's submission can be graded then
                    raise
                except Exception as error:
                    notes = [f"grading it raised {type(error).__name__}"]
                    ready.put((self._write(Verdict(student, PERSON, notes=notes), None), True))
        except BaseException as error:  # whatever it is, the thread that waits is told
            ready.put(error)
        finally:
            sandbox.stop()

    def grade(self, student, sandbox):
        """Grade one student.

        Returns
        -------
        verdict : Verdict
        changed : bool
            False if an earlier verdict still holds.
        """
        folder = self.course.submitted / student / self.assignment.name
        earlier = self.read_earlier(student)
        verdict = Verdict(student, GRADED)
        try:
            content = read_bytes(folder, self.filename)
            if content is None:
                return self._write(Verdict(student, MISSING), None), True
            verdict.key = hashlib.sha256(self.salt + content).hexdigest()
            self._time(verdict, folder)
            if earlier and earlier.key == verdict.key and earlier.status != PERSON and verdict.status != PERSON:
                return self._keep(earlier, verdict), False
            submission = read_submission(content, self.release)
        except (Unreadable, OSError) as error:
            verdict.status, verdict.notes = PERSON, [str(error)]
            return self._write(verdict, None), True
        verdict.notes += submission.notes
        verdict.figures = submission.figures
        for name, checker in self.checkers.items():
            verdict.exercises[name] = self._exercise(name, checker, submission, sandbox, verdict)
        return self._write(verdict, submission), True

    def _time(self, verdict, folder):
        """Enter when it was handed in, from nbgrader's timestamp.txt; no such file means that nobody knows."""
        try:
            stamp = (read_bytes(folder, "timestamp.txt") or b"").decode("ascii").strip()
            if stamp:
                moment = parse_time(stamp.replace(" UTC", "+00:00")).astimezone(timezone.utc)
                verdict.submitted_at = moment.isoformat()
                verdict.days_late = self.assignment.days_late(verdict.student, verdict.submitted_at)
        except (Unreadable, OSError, ValueError, OverflowError):
            verdict.status = PERSON
            verdict.notes.append("its timestamp.txt cannot be read, so that nobody knows whether it is late")

    def _keep(self, earlier, verdict):
        """Keep an earlier verdict; only when it was due or handed in may have changed."""
        if (earlier.submitted_at, earlier.days_late) != (verdict.submitted_at, verdict.days_late):
            earlier.submitted_at, earlier.days_late = verdict.submitted_at, verdict.days_late
            self._save(earlier)
        return earlier

    def _exercise(self, name, checker, submission, sandbox, verdict):
        points = self.assignment.points[name]
        record = {"mark": 0.0, "points": points, "status": "failed", "misconception": None, "sentence": "", "call": []}
        if name in submission.refused:
            return self._person(verdict, record, name, submission.refused[name])
        try:
            if sandbox.process is None:
                sandbox.start()
            testimony, report = _examine(sandbox, checker, submission.cells_for(name))
            if testimony.helped and hidden_share(report) < 1:  # what other exercises' cells did may cost nothing here
                alone = [cell for cell in submission.cells_for(name) if cell[0] != OTHER]
                again = _examine(sandbox, checker, alone)
                testimony, report = max((testimony, report), again, key=lambda pair: hidden_share(pair[1]))
        except SandboxError as error:
            if sandbox.over:
                raise
            return self._person(verdict, record, name, f"{error}; grade it again")
        except Exception as error:  # a compare that stumbles over a value is our fault, not the batch's end
            return self._person(verdict, record, name, f"judging it raised {type(error).__name__}")
        record |= told(report, testimony)
        record["mark"] = points * hidden_share(report)
        if report.status == "not attempted" and name in submission.missing:
            return self._person(verdict, record, name, "its cell is missing from the notebook")
        if testimony.over or (report.status == "not attempted" and testimony.fault):
            verdict.status = FAILED if verdict.status == GRADED else verdict.status
            verdict.notes.append(f"{name}: {record['sentence']}")
        return record

    @staticmethod
    def _person(verdict, record, name, why):
        verdict.status = PERSON
        verdict.notes.append(f"{name}: {why}")
        return record | {"sentence": f"A person will look at it: {why}."}

    def _write(self, verdict, submission):
        for name, points in self.assignment.points.items():
            empty = {"mark": 0.0, "points": points, "status": "not attempted", "misconception": None}
            verdict.exercises.setdefault(name, empty | {"sentence": "", "call": []})
        folder = self.course.graded(verdict.student, self.assignment.name)
        notebook = graded_notebook(self.release, submission, verdict)
        write_whole(folder / self.filename, nbformat.writes(notebook) + "\n")
        self._save(verdict)
        return verdict

    def _save(self, verdict):
        path = self.course.graded(verdict.student, self.assignment.name) / VERDICT
        write_whole(path, json.dumps(asdict(verdict), indent=1) + "\n")


def _examine(sandbox, checker, cells):
    testimony = sandbox.examine(cells, checker.exercise, checker.cases)
    return testimony, checker.report(testimony.observed)


def read_verdict(course, student, name):
    """Read the verdict of an earlier run.

    Returns
    -------
    Verdict or None
    """
    try:
        text = (course.graded(student, name) / VERDICT).read_text(encoding="utf-8")
        return Verdict(**json.loads(text))
    except (OSError, ValueError, TypeError):
        return None


def graded_notebook(release, submission, verdict):
    """Put the student's cells into the pristine release, for people to read: nothing of it was ever run there."""
    notebook = nbformat.from_dict(release)
    cells, answers, added = [], {}, {}
    after = None
    for name, source in submission.cells if submission else ():
        if name is None:
            added.setdefault(after, []).append(source)
        else:
            answers[name] = source
            after = name
    cells += [nbformat.v4.new_code_cell(source) for source in added.get(None, ())]
    for cell in notebook.cells:
        name = flags(cell).get("grade_id")
        cells.append(cell)
        if name in answers:
            cell.source = answers[name]
            cells += [nbformat.v4.new_code_cell(source) for source in added.get(name, ())]
        elif flags(cell).get("grade"):
            record = verdict.exercises[name.removesuffix("-check")]
            text = f"{record['mark']:g} of {record['points']:g} points: {record['status']}\n{record['sentence']}"
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text.strip() + "\n")]
            cell.execution_count = 1
    notebook.cells = cells
    return notebook
