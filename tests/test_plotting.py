"""The palette and the pictures."""

import itertools
import os
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from cnncourse import palette, plotting


def contrast(one, other):
    lighter, darker = sorted((palette.relative_luminance(to_rgb(c)) for c in (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def printed(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", palette.THEMED)
def test_role_colours_and_ink_are_readable_on_the_pages_and_their_surfaces(name):
    if name == "--cnn-paper":
        return
    light, dark = palette.THEMED[name]
    assert min(contrast(light, page) for page in ("#FFFFFF", "#F3F4F5")) > 4.5
    assert min(contrast(dark, page) for page in ("#121212", "#29313D")) > 4.5


def test_series_colours_stand_out_on_both_pages():
    assert min(contrast(c, page) for c, page in itertools.product(palette.SERIES, ("#FFFFFF", "#121212"))) > 3


@pytest.mark.parametrize("value", np.linspace(-1, 1, 41))
def test_numbers_in_cells_are_readable_at_every_value(value):
    ax = plotting.show_kernel([[value, 1.0]], limit=1.0)
    image = ax.images[0]
    fill = image.cmap(image.norm(value))[:3]
    assert contrast(fill, ax.texts[0].get_color()) > 4.5


def test_themed_svg_replaces_colours_in_any_case_and_only_once():
    drawing = '<svg width="1"><path style="fill:#0E777E;stroke:#222832"/><path fill="#0e777f"/></svg>'
    themed = palette.themed_svg(drawing)
    assert 'style="fill:var(--cnn-input);stroke:var(--cnn-ink)"' in themed
    assert 'fill="#0e777f"' in themed
    assert palette.themed_svg(themed) == themed


def test_show_image_takes_tensors_and_arrays_in_every_layout():
    for image in (torch.zeros(1, 4, 5), np.zeros((4, 5)), torch.zeros(3, 4, 5), np.zeros((4, 5, 3), np.uint8)):
        assert plotting.show_image(image).images[0].get_array().shape[:2] == (4, 5)
    parameter = torch.zeros(2, 2, requires_grad=True)
    assert plotting.show_image(parameter).images[0].get_array().shape == (2, 2)


def test_show_image_scales_bytes_and_floats_alike():
    grey_bytes = plotting.show_image(np.array([[0, 255]], np.uint8)).images[0]
    floats = plotting.show_image(np.array([[0.0, 1.0]])).images[0]
    assert np.array_equal(grey_bytes.cmap(grey_bytes.norm([[0, 255]])), floats.cmap(floats.norm([[0.0, 1.0]])))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.show_image(np.zeros((2, 3, 4))), r"`image` must be .* not \(2, 3, 4\)"),
        (lambda: plotting.show_image([[0.0, 8.0]]), r"values from 0 to 1, not from 0 to 8: .*limits=\(black, white\)"),
        (lambda: plotting.show_image([[0.0, np.nan]]), "`image` must hold finite numbers, not nan"),
        (
            lambda: plotting.show_image(np.zeros((0, 3))),
            r"`image` must hold at least one number, not the shape \(0, 3\)",
        ),
        (lambda: plotting.show_image(np.zeros((3, 3, 3)), values=True), "`values` must be False for a colour image"),
        (lambda: plotting.show_image(np.zeros((21, 4)), values=True), "at most 20 x 20 cells, not 21 x 4"),
        (lambda: plotting.show_image([[0.0]], role="weight"), "`role` must be one of 'input', 'kernel', .*"),
        (lambda: plotting.show_kernel(np.zeros((2, 3, 3))), "show several with show_maps"),
        (lambda: plotting.show_kernel([[2.0]], limit=1.0), "`limit` must be positive and at least 2, .*, not 1"),
        (lambda: plotting.show_maps(np.zeros((3, 3))), r"`maps` must be \(C, H, W\)"),
        (
            lambda: plotting.show_maps(np.zeros((2, 3, 3)), titles=["one"]),
            r"`titles` must have one entry per map \(2\), not 1",
        ),
        (lambda: plotting.show_maps(np.zeros((2, 3, 3)), columns=0), "`columns` must be at least 1, not 0"),
        (
            lambda: plotting.show_maps(-np.ones((2, 3, 3)), signed=False),
            "`maps` must hold no negative value with signed=False, not -1",
        ),
        (
            lambda: plotting.plot_lines([1, 2], {"a": [1, 2, 3]}, "x", "y"),
            r"`lines\['a'\]` must have the shape of `x`, \(2,\), not \(3,\)",
        ),
        (
            lambda: plotting.plot_lines([[1, 2]], {"a": [[1, 2]]}, "x", "y"),
            r"`x` must have the shape \(n,\), not \(1, 2\)",
        ),
        (lambda: plotting.plot_lines([1], {}, "x", "y"), "`lines` must hold 1 to 4 lines, not 0"),
        (lambda: plotting.show_history({"loss": [1], "accuracy": []}), "equally many epochs"),
        (lambda: plotting.show_history({}), "equally many epochs"),
        (lambda: plotting.show_confusion_matrix([[1, 2]], ["a"]), r"`matrix` must be \(K, K\), not \(1, 2\)"),
        (
            lambda: plotting.show_confusion_matrix([[1]], ["a", "b"]),
            r"`names` must have one entry per class \(1\), not 2",
        ),
        (lambda: plotting.show_confusion_matrix([[-1]], ["a"]), "`matrix` must hold counts, not -1"),
    ],
)
def test_bad_values_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_bad_types_are_named():
    with pytest.raises(TypeError, match="`image` must hold real numbers, not <U1"):
        plotting.show_image([["a"]])
    with pytest.raises(TypeError, match="`lines` must map labels to values, not list"):
        plotting.plot_lines([1], [[1]], "x", "y")
    with pytest.raises(TypeError, match="`history` must map names"):
        plotting.show_history([1])


def test_kernel_numbers_carry_a_sign_and_zero_does_not():
    assert printed(plotting.show_kernel([[1.0, -0.25], [0.0, -0.0001]])) == ["+1", "−0.25", "0", "0"]


def test_all_zero_kernel_is_shown():
    assert printed(plotting.show_kernel(np.zeros((1, 2)))) == ["0", "0"]


@pytest.mark.parametrize("signed", [True, False])
def test_maps_share_one_scale(signed):
    maps = torch.stack([torch.full((3, 4), value) for value in (0.0, 1.0, 8.0)])
    axes = plotting.show_maps(maps, signed=signed)
    assert {(ax.images[0].norm.vmin, ax.images[0].norm.vmax) for ax in axes} == {(-8.0 if signed else 0.0, 8.0)}


def test_maps_fill_rows_and_leave_no_empty_frame():
    axes = plotting.show_maps(np.zeros((5, 2, 2)), columns=3)
    figure = axes[0].figure
    assert len(axes) == 5
    assert sum(ax.axison for ax in figure.axes) == 6  # five maps and their scale


def test_ring_surrounds_the_window():
    ax = plotting.ring(plotting.show_image(np.zeros((6, 6))), 1, 2, height=3, width=2, role="kernel")
    assert ax.patches[-1].get_bbox().bounds == (1.5, 0.5, 2.0, 3.0)


def test_colour_is_never_the_only_difference_between_lines():
    ax = plotting.plot_lines(range(3), {name: range(3) for name in "abcd"}, "x", "y")
    assert len({line.get_linestyle() for line in ax.lines}) == len({line.get_marker() for line in ax.lines}) == 4


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("ends", [(1.0, 1.001, 1.002, 1.003), (8.0, 11.0, 12.0, 95.0)])
def test_line_labels_do_not_touch(ends, scale):
    ax = plt.subplots()[1]
    ax.set_yscale(scale)
    plotting.plot_lines([0, 1], {str(end): [0.5, end] for end in ends}, "x", "y", ax)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert all(above.y0 >= below.y1 for below, above in itertools.pairwise(boxes))


def test_an_axis_of_whole_numbers_has_whole_ticks():
    assert all(tick % 1 == 0 for tick in plotting.plot_lines([1, 2, 3], {"a": [1, 2, 3]}, "epoch", "loss").get_xticks())
    assert any(tick % 1 for tick in plotting.plot_lines([0, 0.5, 1], {"a": [1, 2, 3]}, "rate", "loss").get_xticks())


def test_history_counts_epochs_from_one_and_groups_by_quantity():
    loss, accuracy = plotting.show_history({"loss": [3, 2], "accuracy": [0, 1], "validation_loss": [4, 3]})
    assert list(loss.lines[0].get_xdata()) == [1, 2]
    assert sorted(printed(loss)) == ["training", "validation"]
    assert printed(accuracy) == ["training"]


def test_functions_draw_into_the_given_axes_and_open_no_figure():
    _, ax = plt.subplots()
    before = plt.get_fignums()
    assert plotting.show_image(np.zeros((2, 2)), ax) is ax
    assert plotting.show_kernel(np.zeros((2, 2)), ax) is ax
    assert plotting.show_confusion_matrix([[1]], ["a"], ax) is ax
    assert plotting.plot_lines([1], {"a": [1]}, "x", "y", ax) is ax
    assert plt.get_fignums() == before


def test_the_drawing_is_the_same_twice_and_follows_the_theme_on_the_site(tmp_path):
    program = (
        "import matplotlib; matplotlib.use('Agg')\n"
        "import sys; from cnncourse import plotting\n"
        "plotting.use_style()\n"
        "ax = plotting.ring(plotting.show_image([[0.0, 1.0]], title='A', values=True), 0, 0, role='output')\n"
        "ax.figure.savefig(sys.argv[1], metadata={'Date': None})\n"
    )
    for name in ("one.svg", "two.svg"):
        environment = os.environ | {"CNNCOURSE_SITE": "1"}
        subprocess.run([sys.executable, "-W", "error", "-c", program, tmp_path / name], env=environment, check=True)
    drawing = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert drawing == (tmp_path / "two.svg").read_text(encoding="utf-8")
    themed = palette.themed_svg(drawing).split("</style>", 1)[1]
    colours = {colour.lower() for colour in re.findall("#[0-9a-fA-F]{6}", themed)}
    assert colours <= {"#000000", "#ffffff", "#808080"}  # the numbers' ink and the lines between cells


def test_the_package_imports_without_pyplot():
    program = "import sys, cnncourse; sys.exit('matplotlib.pyplot' in sys.modules or 'sphinx' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
