"""How the figures' modules are joined and made smaller."""

import shutil
import subprocess

import pytest

from cnncourse.figures.modules import FOLDER, join
from extensions.live_figures import classic_script


@pytest.fixture
def folder(tmp_path):
    def write(**modules):
        for name, source in modules.items():
            (tmp_path / f"{name}.js").write_text(source, encoding="utf-8")
        return tmp_path

    return write


def test_imports_are_followed_and_what_nobody_needs_is_left_out(folder):
    modules = folder(
        one='// Header.\n\nimport { b } from "./two.js";\n\n/** Adds. */\nexport function a() {\n  return b + 1;\n}\n',
        two="export const b = 1;\nconst private = 2;\nexport const unused = private;\n",
    )
    joined = join('import {\n  a,\n} from "./one.js";\nexport default a;\n', {}, modules)
    assert joined == (
        "export const b = 1;\n/** Adds. */\nexport function a() {\n  return b + 1;\n}\nexport default a;\n"
    )


@pytest.mark.parametrize(
    "code",
    ["`x // y ${NAME}`", '`say "${NAME}"`', "`/* ${NAME} */`", '/"/.test(NAME) ? "yes" : "no"'],
)
def test_a_name_is_kept_that_stands_in_a_template_or_after_a_quote(code, folder):
    modules = folder(
        one=f'import {{ NAME }} from "./two.js";\nexport const a = {code};\n', two='export const NAME = "name";\n'
    )
    joined = join('import { a } from "./one.js";\na;\n', {}, modules)
    assert joined == f'export const NAME = "name";\nexport const a = {code};\na;\n'


def test_a_name_that_a_module_does_not_import_is_not_kept_for_it(folder):
    modules = folder(
        one='/** Unlike b. */\nexport function a() {\n  const c = "c";\n  return c;\n}\nexport const b = 1;\n',
        two='import { b } from "./one.js";\nexport const c = b;\nexport const d = 2;\n',
    )
    joined = join('import { a } from "./one.js";\nimport { d } from "./two.js";\n[a, d];\n', {}, modules)
    assert "const b" not in joined  # only a comment names it
    assert "export const c" not in joined  # a variable of another module has its name


def test_a_module_that_python_writes_is_found(folder):
    joined = join('import { A } from "./about.js";\nA;\n', {"about": "export const A = 1;\n"}, folder())
    assert joined == "export const A = 1;\nA;\n"


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({}, r"entry\.js must import a module that exists, not \./one\.js"),
        ({"one": "const a = 1;\n"}, r"one\.js must export a, which entry\.js imports"),
        (
            {
                "one": 'import { b } from "./two.js";\nexport const a = b;\n',
                "two": 'import { a } from "./one.js";\nexport const b = a;\n',
            },
            r"one\.js must not import itself, by way of one, two",
        ),
        (
            {
                "one": 'import { b } from "./two.js";\nconst same = 1;\nexport const a = b + same;\n',
                "two": "const same = 2;\nexport const b = same;\n",
            },
            r"one\.js must not declare same, which another module declares",
        ),
        ({"one": 'import * as two from "./two.js";\nexport const a = 1;\n'}, "single names, not 'import"),
        ({"one": "export const a = 1;\nexport { a as b };\n"}, "single names, not 'export { a as b }"),
        ({"one": "export const a = 1;\nconst { b, c } = a;\n"}, "single names, not 'const { b"),
        ({"one": "export const a = 1;\ndocument.title = a;\n"}, "single names, not 'document"),
    ],
)
def test_what_cannot_be_joined_is_named(modules, message, folder):
    with pytest.raises(ValueError, match=message):
        join('import { a } from "./one.js";\na;\n', {}, folder(**modules))


def test_a_name_that_is_changed_by_its_import_is_refused(folder):
    with pytest.raises(ValueError, match=r"entry\.js must import single names as they are, not 'a as b'"):
        join('import { a as b } from "./one.js";\nb;\n', {}, folder(one="export const a = 1;\n"))


class Tricky:
    """Stands for a figure with a string, a template and a rule that a minifier by regular expression cut."""

    @staticmethod
    def style_sheet():
        return "/* first */\n* {\n  box-sizing: border-box;\n}\n"

    @staticmethod
    def module(define):
        return (
            'export const STYLE = "/* first */\\n* {\\n  box-sizing: border-box;\\n}\\n";\n'
            'console.log("half // half"); // a comment\nconsole.log(`two // two\n* star`);\nconsole.log(STYLE);\n'
        )


def test_the_minifier_keeps_strings_with_slashes_and_rules_that_begin_with_a_star(tmp_path, require):
    require(shutil.which("node"), "node is not installed")
    (tmp_path / "script.cjs").write_text(classic_script(Tricky), encoding="utf-8")
    done = subprocess.run(["node", "script.cjs"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "half // half\ntwo // two\n* star\n*{box-sizing:border-box}\n"


def test_every_module_is_checked_by_typescript():
    for file in FOLDER.glob("*.js"):
        assert file.read_text(encoding="utf-8").startswith("// @ts-check\n"), file.name
