"""Downloads as the platforms' exporters write them; each function names the public source that it follows."""

import re
import zipfile

DOWNLOADED = (2026, 12, 9, 9, 0, 0)  # days after every due time in the tests


def zipped(path, files, when=DOWNLOADED):
    """Write a zip of {name: content}; the entries have the times of the download, as platforms stamp them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files.items(), start=1):
            left = len(files) - number  # the first entry has the latest time: the order tells nothing
            info = zipfile.ZipInfo(name, (*when[:4], left // 30 % 60, 2 * left % 60))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


def moodle_zip(path, submissions, folders=True, blind=False, **options):
    """Write "Download all submissions" (moodle: mod/assign/classes/downloader.php).

    `submissions` is a list of (full name, participant's number, path within the upload, content).
    """
    files = {}
    for name, number, file, content in submissions:
        prefix = f"{'Participant' if blind else name.replace('_', ' ')}_{number}_assignsubmission_file"
        prefix = re.sub(r'[\x00-\x1f&<>"`|\':\\/*?]', "", prefix)  # clean_filename
        files[f"{prefix}/{file}" if folders else f"{prefix}_{file.rsplit('/', 1)[-1]}"] = content
    return zipped(path, files, **options)


def moodle_worksheet(path, rows, blind=False):
    """Write the grading worksheet (moodle: mod/assign/gradingtable.php, downloaded by feedback/offline/locallib.php).

    `rows` is a list of (full name, participant's number, email, time of submission or "-").
    """
    named = [] if blind else ["Full name", "Email address"]
    times = ["Last modified (submission)", "Last modified (grade)"]
    head = ["Identifier", *named, "Status", "Grade", "Maximum grade", "Grade can be changed", *times]
    lines = [head]
    for name, number, email, when in rows:
        person = [] if blind else [name, email]
        lines.append([f"Participant {number}", *person, "Submitted for grading", "", "100.00", "Yes", when, "-"])
    text = "\r\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    return path


def canvas_zip(path, submissions, anonymous=False, **options):
    """Write "Download submissions" (canvas-lms: lib/content_zipper.rb).

    `submissions` is a list of (sortable name, user's id, attachment's id, display name, late, content).
    """
    files = {}
    for name, user, attachment, file, late, content in submissions:
        name = None if anonymous else re.sub(r"_(\d+)_", r"\1", name).lower()
        parts = [name, "LATE" if late else None, f"anon_{user}" if anonymous else user]
        prefix = re.sub(r"\W", "", "_".join(str(part) for part in parts if part is not None))
        shown = re.sub(r'[\x00/\\:*?"<>|]+', "_", file)
        files[f"{prefix}_{attachment}_{shown}"] = content
    return zipped(path, files, **options)


def gradescope_zip(path, submissions, **options):
    """Write "Export submissions": a folder each and submission_metadata.yml, as exports published by users have it.

    `submissions` is a list of (number, [(name, sid, email), ...], time, path within the upload, content).
    """
    files, metadata = {}, ""
    for number, people, when, file, content in submissions:
        metadata += f"submission_{number}:\n  :submitters:\n"
        for name, sid, email in people:
            metadata += f"  - :name: {name}\n    :sid: {sid}\n    :email: {email}\n"
        metadata += f"  :created_at: {when}\n  :score: 0.0\n  :status: processed\n"
        files[f"assignment_1_export/submission_{number}/{file}"] = content
    return zipped(path, {"assignment_1_export/submission_metadata.yml": metadata, **files}, **options)
