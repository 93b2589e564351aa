"""Grade submissions: intake, sandbox, verdict outside, one record a student; safe to interrupt, quick to resume."""

import builtins
import hashlib
import json
import queue
import threading
from dataclasses import asdict, dataclass, field

import nbformat

from .course import parse_time, write_whole
from .intake import Unreadable, flags, read_bytes, read_submission
from .sandbox import Sandbox, SandboxError

GRADED, MISSING, FAILED, PERSON = "graded", "missing", "failed to run", "needs a person"
VERDICT = "verdict.json"
ENDINGS = {
    "time": "It took too long: more than 10 seconds for a call, or two minutes in all.",
    "ended": "It ended the process that ran it, or took more memory than there is.",
}


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
        self.salt = json.dumps(asdict(assignment), sort_keys=True).encode() + nbformat.writes(self.release).encode()
        self.examinations = assignment.examinations()
        for examined in self.examinations.values():
            examined.expected, examined.mistaken  # noqa: B018 - observed now, in one thread: it redirects streams
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
                ready.put(self.grade(student, sandbox))
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
            verdict.submitted_at = _submission_time(folder)
            verdict.key = hashlib.sha256(self.salt + str(verdict.submitted_at).encode() + (content or b"")).hexdigest()
            if earlier and earlier.key == verdict.key and earlier.status != PERSON:
                return earlier, False
            if content is None:
                verdict.status = MISSING
                return self._write(verdict, None), True
            verdict.days_late = self.assignment.days_late(student, verdict.submitted_at)
            submission = read_submission(content, self.release)
        except (Unreadable, OSError) as error:
            verdict.status, verdict.notes = PERSON, [str(error)]
            return self._write(verdict, None), True
        verdict.notes, verdict.figures = submission.notes, submission.figures
        for name, examined in self.examinations.items():
            verdict.exercises[name] = self._exercise(name, examined, submission, sandbox, verdict)
        return self._write(verdict, submission), True

    def _exercise(self, name, examined, submission, sandbox, verdict):
        points = self.assignment.points[name]
        record = {"mark": 0.0, "points": points, "status": "failed", "misconception": None, "sentence": "", "call": []}
        if name in submission.refused:
            return self._person(verdict, record, name, submission.refused[name])
        try:
            if sandbox.process is None:
                sandbox.start()
            testimony = sandbox.examine(submission.cells_for(name), examined.exercise, examined.cases)
        except SandboxError as error:
            if sandbox.over:
                raise
            return self._person(verdict, record, name, f"{error}; grade it again")
        try:
            report = examined.verdict(testimony.observed)
        except Exception as error:  # a judge that stumbles over a value is our fault, not the batch's end
            return self._person(verdict, record, name, f"judging it raised {type(error).__name__}")
        record |= _told(report, testimony)
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
        write_whole(folder / VERDICT, json.dumps(asdict(verdict), indent=1) + "\n")
        return verdict


def hidden_share(report):
    """Return the share of hidden cases passed: those that the release does not show, or all if it shows all."""
    visible = len(report.exercise.visible)
    hidden = report.results[visible:] or report.results
    return sum(result.finding is None for result in hidden) / len(hidden)


def _told(report, testimony):
    """What the student may hear: of visible cases everything, of hidden ones the known mistake or the kind of fault."""
    visible = report.results[: len(report.exercise.visible)]
    shown = type(report)(report.exercise, visible, report.recognised)
    told = {"status": report.status, "misconception": report.misconception, "sentence": "", "call": []}
    if testimony.over:
        told["sentence"] = ENDINGS[testimony.over]
    elif report.status == "not attempted" and testimony.fault:
        told["sentence"] = f"Its cell raised {exception_name(testimony.fault)}, so that there was nothing to grade."
    elif report.recognised:
        told["sentence"] = report.recognised.sentence
    elif shown.status == "failed":
        told["sentence"] = shown.sentence
    elif report.status == "failed":
        finding = report.failing.finding
        told["sentence"] = _of_hidden(finding.kind, report.failing.observed)
    if shown.status == "failed" and not testimony.over:
        told["call"] = [list(pair) for pair in shown.call]
    return told


def _of_hidden(kind, observed):
    if kind == "raised" and observed.outcome == "raised":
        return f"The visible cases are right, but a hidden one raised {exception_name(observed.exception)}."
    what = {"shape": "the wrong shape", "type": "the wrong kind of value", "refused": "a function that is to be built"}
    return f"The visible cases are right, but a hidden one met {what.get(kind, 'a wrong result')}."


def exception_name(name):
    """Return an exception's name if it is Python's own: a name of the student's making could carry a message."""
    kind = getattr(builtins, name, None) if name.isidentifier() else None
    return name if isinstance(kind, type) and issubclass(kind, BaseException) else "an exception"


def _submission_time(folder):
    """The time in nbgrader's timestamp.txt as ISO 8601, None if that is not known."""
    stamp = (read_bytes(folder, "timestamp.txt") or b"").decode("ascii", "replace").strip()[:100]
    try:
        return parse_time(stamp.replace(" UTC", "+00:00")).isoformat() if stamp else None
    except ValueError:
        return None


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
