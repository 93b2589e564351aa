"""Who is who in an assignment: a student's folder, and the numbers and names that platforms have for that student."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from cnncourse.files import atomic_write

from .course import Assignment, Course, CourseError
from .names import comparable, is_valid_name, normalized
from .platforms.origin import CANVAS, GRADESCOPE, MOODLE, Origin

FILE = "students.json"  # in source/NAME/, which is never handed out
IDENTIFIERS = ("moodle", "canvas", "sid", "email", "login")  # no two students share one
NAMELESS = ("", "participant")  # where grading is anonymous


@dataclass(frozen=True)
class Person:
    """A student.

    Parameters
    ----------
    student : str
        The name of the folder in ``submitted/``.
    name, email, login, sid : str
        As a roster has them; empty if unknown.
    moodle, canvas : str
        The participant's number in this assignment on Moodle; the user's on Canvas.
    submitted_at : str
        From the grading worksheet at hand, ISO 8601; it is not kept, since the next upload has another time.
    """

    student: str
    name: str = ""
    email: str = ""
    login: str = ""
    sid: str = ""
    moodle: str = ""
    canvas: str = ""
    submitted_at: str = ""

    def merged(self, newer: Person) -> Person:
        """Take over what is known newly; folder and name stay."""
        known = {name: value for name, value in asdict(newer).items() if value}
        return replace(self, **known | {"student": self.student, "name": self.name or newer.name})

    def texts(self) -> list[str]:
        """List all that the student may be called."""
        return [self.student, self.name, *(getattr(self, key) for key in IDENTIFIERS)]

    def differs(self, other: Person) -> bool:
        """Tell whether some identifier shows that these are two students."""
        return any(
            getattr(self, key)
            and getattr(other, key)
            and comparable(getattr(self, key)) != comparable(getattr(other, key))
            for key in IDENTIFIERS
        )


class People:
    """The students of an assignment.

    Parameters
    ----------
    persons : iterable of Person
    """

    def __init__(self, persons: Iterable[Person] = ()) -> None:
        self.persons = {person.student: person for person in persons}

    @classmethod
    def load(cls, course: Course, assignment: Assignment) -> People:
        """Read who is known: the register, the roster, and who has handed in."""
        path = course.source(assignment.name) / FILE
        try:
            people = cls(Person(**record) for record in json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            people = cls()
        except (ValueError, TypeError) as error:
            raise CourseError(f"{path} cannot be read ({error}); restore it from a backup") from error
        folders = sorted(path.parent.name for path in course.submitted.glob(f"*/{assignment.name}"))
        for student in (*assignment.roster, *filter(is_valid_name, folders)):
            people.persons.setdefault(student, Person(student))
        return people

    def save(self, course: Course, assignment: Assignment) -> None:
        """Write the register."""
        records = [asdict(replace(self.persons[student], submitted_at="")) for student in sorted(self.persons)]
        atomic_write(course.source(assignment.name) / FILE, json.dumps(records, indent=1, ensure_ascii=False) + "\n")

    def enrol(self, rows: Sequence[Person]) -> list[str]:
        """Enter a roster; who is known already keeps the folder.

        Returns
        -------
        list of str
            The students' folders, in the roster's order.
        """
        shared = shared_names(row.name for row in rows)
        return list(dict.fromkeys(self._enter(row, shared) for row in rows))

    def folder_of(self, origin: Origin, shared: set[str]) -> str:
        """Tell in whose folder a file belongs; a student who is new gets one.

        Parameters
        ----------
        origin : Origin
        shared : set of str
            Names that several students of the download have, from `shared_names`: they tell nothing.

        Returns
        -------
        str
            Empty if nobody can tell.
        """
        name = normalized(origin.name)
        person = Person(_new_folder(origin.platform, name, origin.number), name=name)
        if origin.platform in (MOODLE, CANVAS):
            person = replace(person, **{origin.platform: origin.number})
        elif origin.platform == GRADESCOPE and origin.number:
            person = replace(person, **{"email" if "@" in origin.number else "sid": origin.number})
        return self._enter(person, shared) if person.student else ""

    def find(self, text: str) -> str:
        """Find the folder of a student who is called by it, or by a name, a number or an email.

        Raises
        ------
        CourseError
            If nobody is, or several are.
        """
        if text in self.persons:
            return text
        wanted = comparable(text)
        found = [student for student, person in self.persons.items() if wanted in map(comparable, person.texts())]
        if len(found) == 1:
            return found[0]
        why = f"may be {' or '.join(found)}" if found else "is neither on the roster nor has handed in"
        raise CourseError(f"{text!r} {why}; name a student by the folder in submitted, the email or the number")

    def _enter(self, newer: Person, shared: set[str]) -> str:
        person = self._by_identifier(newer) or self._by_folder(newer) or self._by_name(newer, shared) or newer
        if person is newer and newer.student in self.persons:  # the folder is another student's
            first = next(getattr(newer, key) for key in IDENTIFIERS if getattr(newer, key))
            person = replace(newer, student=f"{newer.student}_{first}")
        self.persons[person.student] = person.merged(newer)
        return person.student

    def _by_identifier(self, newer: Person) -> Person | None:
        for key in IDENTIFIERS:
            wanted = comparable(getattr(newer, key))
            for person in self.persons.values():
                if wanted and wanted == comparable(getattr(person, key)):
                    return person
        return None

    def _by_folder(self, newer: Person) -> Person | None:
        person = self.persons.get(newer.student)
        return None if person is None or person.differs(newer) else person

    def _by_name(self, newer: Person, shared: set[str]) -> Person | None:
        """The only student of a name, unless an identifier shows that it is another."""
        wanted = comparable(newer.name)
        if wanted in shared or wanted in NAMELESS:
            return None
        found = [person for person in self.persons.values() if wanted in map(comparable, person.texts())]
        return found[0] if len(found) == 1 and not found[0].differs(newer) else None


def shared_names(names: Iterable[str]) -> set[str]:
    """List the names that several students have, in the form in which they are compared."""
    return {name for name, count in Counter(map(comparable, names)).items() if count > 1}


def _new_folder(platform: str, name: str, number: str) -> str:
    """Name the folder of a new student: by the platform's number where it has one."""
    wanted = number or name if platform == GRADESCOPE else "_".join(filter(None, (name, number)))
    if is_valid_name(wanted):
        return wanted
    return f"Participant_{number}" if is_valid_name(number) else ""
