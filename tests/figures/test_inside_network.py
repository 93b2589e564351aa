"""Look inside a CNN: the page computes what PyTorch computes; the stored weights are what the tool says."""

import base64
import copy
import dataclasses
import hashlib
import importlib.util
import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnncourse import models
from cnncourse.data import fashion_mnist, load_fashion_mnist
from cnncourse.figures import InsideNetwork, networks
from cnncourse.figures.inside_network import LAYERS, _draw_over, pictures
from cnncourse.interpretation import window_of

browser = pytest.mark.browser
ROOT = Path(__file__).parents[2]
NAMES = list(networks.NETWORKS)


def text(values):
    """Write float32 values as base64: golden files of a readable size."""
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()


def draw_ink(generator, length=60):
    return "".join(f"{generator.choice('kbw')}{generator.randint(1, 12)}" for _ in range(generator.randint(0, length)))


def draw_strokes(generator):
    """Draw a picture as a reader does: a few lines with a pencil of 2 x 2 pixels."""
    image = torch.zeros(28, 28)
    for _ in range(generator.randint(1, 4)):
        ends = [[generator.randint(1, 26) for _ in range(2)] for _ in range(2)]
        for step in range(30):
            row, column = (round(a + (b - a) * step / 29) for a, b in zip(*ends, strict=True))
            image[row : row + 2, column : column + 2] = 1
    return image


def draw_images(name, generator):
    random_images = torch.rand(40, 28, 28, generator=torch.Generator().manual_seed(4))
    strokes = torch.stack([draw_strokes(generator) for _ in range(60)])
    return torch.cat([torch.zeros(1, 28, 28), pictures(name), strokes, random_images])


def layer_by_layer(name, image):
    """Return what every layer of the network gives, by a loop over its modules, in double precision."""
    outputs, values = {}, image[None, None].double()
    for layer, module in copy.deepcopy(networks.trained(name)).double().named_children():
        values = module(values)
        if not isinstance(module, nn.Flatten):
            outputs[layer] = values[0]
    return outputs


def golden_case(name, image, generator):
    outputs = layer_by_layer(name, image)
    shapes = [(*output.shape, 1, 1)[:3] for output in outputs.values()]
    places = [[generator.randrange(size) for size in shape] for shape in shapes]
    seen = []
    for layer, (_, row, column) in list(zip(outputs, places, strict=True))[:-1]:
        window = window_of(networks.trained(name), layer)
        (top, left), (height, width) = window.at(row, column), window.size
        seen.append([max(0, top), max(0, left), min(27, top + height - 1), min(27, left + width - 1)])
    return {
        "network": name,
        "image": text(image),
        "outputs": [text(output) for output in outputs.values()],
        "single": text(networks.trained(name)(image[None, None])[0]),
        "probabilities": outputs["linear"].softmax(dim=0).tolist(),
        "places": places,
        "seen": seen,
    }


def test_every_layer_in_the_page_is_what_torch_computes(node_test):
    generator = random.Random(7)
    cases = [golden_case(name, image, generator) for name in NAMES for image in draw_images(name, generator)]
    drawings = []
    for name in NAMES:
        for base in pictures(name):
            ink = draw_ink(generator)
            drawings.append({"base": text(base), "drawing": ink, "pixels": text(_draw_over(base, ink))})
    halves = np.frombuffer(bytes(range(256)), "<f2")
    halves = halves[np.isfinite(halves)]
    rules = {"network": NAMES, "layer": InsideNetwork.settings()["layer"].choices}
    wild = [
        {name: generator.choice(choices) for name, choices in rules.items()}
        | {"image": generator.randint(0, 20), "drawing": "", "map": generator.randint(0, 15)}
        | {axis: generator.randint(0, 27) for axis in ("row", "column")}
        for _ in range(100)
    ]
    golden = {
        "networks": {
            name: {
                "rules": networks.layer_rules(networks.trained(name)),
                "weights": base64.b64encode(networks.weights(name)).decode(),
            }
            for name in NAMES
        },
        "cases": cases,
        "drawings": drawings,
        "halves": {
            "bytes": base64.b64encode(halves.tobytes()).decode(),
            "numbers": halves.astype(float).tolist(),
        },
        "wild": wild,
    }
    values = json.loads(node_test(InsideNetwork.module(), "inside_network.test.mjs", golden).read_text())
    assert values["found"]["cases"] >= 200
    assert values["found"]["most"] <= 1e-5
    for state in values["normalised"]:
        InsideNetwork(**state)  # Python accepts every state that the page can be in


# ---- Weights --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tool():
    """`tools/train_inside_networks.py` as a module."""
    spec = importlib.util.spec_from_file_location("train_inside_networks", ROOT / "tools/train_inside_networks.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("name", NAMES)
def test_the_stored_weights_are_what_the_exporter_writes_and_the_record_names(name):
    stored, facts = networks.weights(name), networks.record()["networks"][name]
    assert networks.export_weights(networks.trained(name)) == stored
    assert hashlib.sha256(stored).hexdigest() == facts["sha256"]
    assert len(stored) == 2 * facts["parameters"]
    assert facts["parameters"] == sum(p.numel() for p in models.build(facts["model"]).parameters())


def test_the_record_says_how_the_networks_were_trained(tool):
    for name, recipe in tool.RECIPES.items():
        facts = networks.record()["networks"][name]
        assert (facts["epochs"], facts["batch_size"], facts["seed"]) == (recipe.epochs, recipe.batch_size, recipe.seed)
        assert (facts["learning_rate"], facts["weight_decay"]) == (recipe.learning_rate, recipe.weight_decay)
        assert facts["data"] == recipe.data


def test_the_stored_weights_reach_what_the_record_says(tool):
    facts = networks.record()["networks"]
    shapes = tool.accuracy("shapes", networks.weights("shapes"), tool.drawn_shapes("test"))
    assert shapes == pytest.approx(facts["shapes"]["test_accuracy"], abs=2e-4)  # a tie may round the other way
    subset = tool.accuracy("fashion", networks.weights("fashion"), load_fashion_mnist("test"))
    assert subset == pytest.approx(facts["fashion"]["subset_accuracy"], abs=2e-3)


def test_all_test_garments_confirm_the_accuracy(tool, require):
    require(fashion_mnist.DEBIAN_FOLDER.is_dir(), "dataset-fashion-mnist is not installed")
    reached = tool.accuracy("fashion", networks.weights("fashion"), tool.fashion_images("test"))
    assert reached == pytest.approx(networks.record()["networks"]["fashion"]["test_accuracy"], abs=2e-4)


def test_the_recipe_trains_and_the_same_seed_gives_the_same_bytes(tool):
    images, labels = tool.drawn_shapes("train")
    runs = [networks.export_weights(tool.train("shapes", images[:500], labels[:500], epochs=1)) for _ in range(2)]
    assert runs[0] == runs[1]
    trained = tool.train("fashion", *(part[:1000] for part in load_fashion_mnist("train")), epochs=2)
    assert tool.accuracy("fashion", networks.export_weights(trained), load_fashion_mnist("test")) > 0.5


def test_the_tool_writes_three_whole_files(tool, tmp_path, monkeypatch, capsys):
    images = torch.rand(60, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    small = {"train": (images, torch.arange(60) % 2), "test": (images, torch.arange(60) % 2)}
    recipes = {name: dataclasses.replace(recipe, load=small.get, epochs=1) for name, recipe in tool.RECIPES.items()}
    monkeypatch.setattr(tool, "RECIPES", recipes)
    threads = torch.get_num_threads()
    try:
        assert tool.main([str(tmp_path / "weights")]) == 0
    finally:
        torch.set_num_threads(threads)
    assert {file.name for file in (tmp_path / "weights").iterdir()} == {"shapes.f16", "fashion.f16", "networks.json"}
    record = json.loads((tmp_path / "weights/networks.json").read_text())
    for name, facts in record["networks"].items():
        assert hashlib.sha256((tmp_path / f"weights/{name}.f16").read_bytes()).hexdigest() == facts["sha256"]
    assert "test images are right" in capsys.readouterr().out


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="`data` must hold 1538 numbers, one for each parameter, not 2"):
        networks.import_weights(models.shapes_net(), bytes(4))
    large = models.one_kernel_net()
    nn.init.constant_(large.linear.bias, 1e6)
    with pytest.raises(ValueError, match=r"`model` must have parameters of at most 65504, .*, not 1e\+06"):
        networks.export_weights(large)
    with pytest.raises(TypeError, match="`model` must have layers that the page can compute, not block1, a Sequential"):
        networks.layer_rules(models.fast_fashion_net())


# ---- The class ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_python_shows_what_the_network_computes(name):
    figure = InsideNetwork(network=name, image=3, drawing="k300w40")
    expected = pictures(name)[2].flatten().clone()
    expected[300:340] = 1
    assert torch.equal(figure.pixels(), expected.view(28, 28))
    logits = networks.trained(name)(figure.pixels()[None, None])[0]
    assert torch.equal(figure.outputs()["linear"], logits)
    torch.testing.assert_close(figure.probabilities(), F.softmax(logits, dim=0))
    assert list(figure.outputs()) == LAYERS[name]


def test_the_garments_are_two_of_each_class_from_the_test_images():
    images, labels = load_fashion_mnist("test")
    found = [labels[(images[:, 0] == picture).flatten(1).all(dim=1)].item() for picture in pictures("fashion")]
    assert found == list(range(10)) * 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image": 11}, "`image` must be from 0 to 10 for shapes, not 11"),
        ({"layer": "relu1"}, "`layer` must be one of conv1, tanh1, .* for shapes, not 'relu1'"),
        ({"layer": "linear", "map": 2}, "`map` must be from 0 to 1 for linear, not 2"),
        ({"layer": "pool2", "row": 3}, "`row` and `column` must lie in the 3 x 3 output, not be 3 and 8"),
        ({"drawing": "k5x3"}, "`drawing` must be letters k, b or w, each with a number, of at most 784 pixels"),
        ({"drawing": "w785"}, "`drawing` must be letters"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        InsideNetwork(**settings)


@pytest.mark.parametrize("query", ["n=fashion&i=14&l=relu2&m=15&r=13&c=0", "l=linear&m=0&d=k300w40", "i=0"])
def test_a_link_is_read_and_written_and_its_picture_drawn(query, tmp_path):
    figure = InsideNetwork.from_query(query)
    again = InsideNetwork.from_query(figure.query())
    assert again.query() == figure.query()
    figure.save(tmp_path / "picture.png", dpi=20)
    assert (tmp_path / "picture.png").stat().st_size > 1000


# ---- On a page ------------------------------------------------------------------------------------------------------


def opened(open_figure, figure, **options):
    page = open_figure(figure, **options)
    page.locator(".verdict b").wait_for()
    return page


def number(string):
    return float(string.replace("−", "-"))


def hash_of(page):
    return page.evaluate("location.hash")


@browser
@pytest.mark.parametrize("network", NAMES)
def test_the_numbers_on_the_page_are_those_of_cnncourse(open_figure, network):
    page = opened(open_figure, InsideNetwork(network=network))
    generator = random.Random(3)
    shown = """([state]) => {
        const { figure, shadowRoot } = document.querySelector('cnn-inside-network');
        figure.set(state, { commit: false });
        const texts = (selector) => [...shadowRoot.querySelectorAll(selector)].map((each) => each.textContent);
        return [texts('.line b.output').pop(), texts('.verdict b')[0], texts('[role=option] > .logit + span')]; }"""
    for _ in range(20):
        state = {
            "network": network,
            "image": generator.randint(0, len(pictures(network))),
            "drawing": draw_ink(generator) if generator.random() < 0.5 else "",
            "layer": generator.choice(LAYERS[network]),
        }
        output = InsideNetwork(**state).outputs()[state["layer"]]
        places = [generator.randrange(size) for size in output.shape]
        state |= dict(zip(("map", "row", "column"), places, strict=False)) | (
            {} if output.ndim == 3 else {"row": 0, "column": 0}
        )
        figure = InsideNetwork(**state)
        cell, verdict, logits = page.evaluate(shown, [state])
        assert cell.startswith(f"{state['layer']}[{places[0]}")
        assert number(cell.split(" = ")[1]) == pytest.approx(output[tuple(places)].item(), abs=0.0051)
        assert verdict == figure.answer()
        expected = figure.outputs()["linear"].tolist()
        assert [number(each) for each in logits] == pytest.approx(expected, abs=0.0501)


@browser
def test_a_mouse_draws_and_the_answer_changes(open_figure):
    page = opened(open_figure, InsideNetwork(image=0))
    assert page.locator(".verdict b").inner_text() == "square"
    box = page.locator(".pad canvas").bounding_box()

    def point(row, column):
        return box["x"] + (column + 0.5) * box["width"] / 28, box["y"] + (row + 0.5) * box["height"] / 28

    page.mouse.move(*point(8, 13))
    page.mouse.down()
    for row, column in [(13, 8), (18, 13), (13, 18), (8, 13)]:
        page.mouse.move(*point(row, column), steps=3)
    assert hash_of(page) == ""
    page.mouse.up()
    assert page.locator(".verdict b").inner_text() == "circle"
    assert hash_of(page).startswith("#inside-network?i=0&d=k")
    drawn = InsideNetwork.from_query(hash_of(page).split("?")[1])
    assert drawn.answer() == "circle"
    page.locator("[role=status]").filter(has_text="Answer: circle").wait_for(state="attached")
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".verdict b").inner_text() == "square"
    assert hash_of(page) == "#inside-network?i=0"


@browser
def test_keys_draw_and_a_screen_reader_hears_the_answer(open_figure):
    page = opened(open_figure, InsideNetwork(image=0))
    page.locator(".pad").focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    row = f"k{13 * 28 + 13}w5k23w5"
    assert hash_of(page) == f"#inside-network?i=0&d={row}"
    page.get_by_role("button", name="Eraser").click()
    page.locator(".pad").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert "b2" in hash_of(page)
    page.locator("[role=status]").filter(has_text="Answer: ").wait_for(state="attached")


@browser
def test_a_mouse_previews_pins_and_lets_go(open_figure):
    page = opened(open_figure, InsideNetwork(network="fashion", image=10))
    title = page.locator(".detail > .title")
    page.get_by_role("option", name="conv2, map 3:").hover()
    assert title.inner_text() == "How conv2, map 3 is made"
    page.get_by_role("option", name="relu2, map 15:").click()
    assert title.inner_text() == "How relu2, map 15 is made"
    assert "l=relu2&m=15" in hash_of(page)
    page.get_by_role("option", name="conv1, map 0:").hover()
    assert title.inner_text() == "How relu2, map 15 is made"
    page.locator(".big canvas").hover(position={"x": 100, "y": 100})
    previewed = page.locator(".detail .line").first.inner_text()
    assert previewed.startswith("relu2[15, 6, 6] = ")
    page.locator(".big canvas").click(position={"x": 10, "y": 10})
    assert "pinned" in page.locator(".detail .line").first.inner_text()
    assert hash_of(page).endswith("r=0&c=0")
    page.locator(".big").focus()
    page.keyboard.press("Escape")
    page.get_by_role("option", name="conv1, map 0:").hover()
    assert title.inner_text() == "How conv1, map 0 is made"


@browser
def test_keys_walk_through_pictures_layers_cells_and_classes(open_figure):
    page = opened(open_figure, InsideNetwork(network="fashion"))
    for boxes in page.get_by_role("listbox").all():
        assert boxes.locator("[tabindex='0']").count() == 1
    page.get_by_role("option", name="T-shirt/top", exact=True).first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    assert "i=20" in hash_of(page)
    assert "wrong, it is labelled Ankle boot" in page.locator(".verdict").inner_text()
    page.get_by_role("option", name="conv1, map 7:").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert "l=relu1&m=6" in hash_of(page)
    page.locator(".big").focus()
    page.keyboard.press("Home")
    assert hash_of(page).endswith("c=0")
    page.get_by_role("option", name="Trouser: logit").focus()
    page.keyboard.press("ArrowDown")
    assert "l=linear&m=2" in hash_of(page)
    assert page.locator(".detail .cell").count() == 2 * 49
    page.locator(".detail .cell").first.focus()
    page.keyboard.press("ArrowRight")
    assert " × " in page.locator(".detail > .line").last.inner_text()


@browser
def test_a_finger_picks_draws_and_opens_the_explanation_under_the_layer(open_figure):
    page = opened(open_figure, InsideNetwork(), width=360, touch=True)
    page.get_by_label("Network", exact=True).select_option("fashion")
    page.get_by_role("option", name="Sneaker", exact=True).first.tap()
    assert page.locator(".verdict b").inner_text() == "Sneaker"
    before = hash_of(page)
    page.locator(".pad canvas").tap(position={"x": 20, "y": 20})
    assert hash_of(page) != before
    tile = page.get_by_role("option", name="pool2, map 4:")
    tile.scroll_into_view_if_needed()
    at = tile.bounding_box()["y"]
    tile.tap()
    assert tile.bounding_box()["y"] == pytest.approx(at, abs=2)
    assert page.locator(".detail").bounding_box()["y"] > tile.bounding_box()["y"]
    small = page.locator(".tile, .bar-line[role=option], .cell").evaluate_all(
        "all => all.filter(e => e.offsetParent && (e.offsetWidth < 24 || e.offsetHeight < 24)).length"
    )
    assert small == 0


@browser
@pytest.mark.parametrize(
    ("link", "clean"),
    [
        ("n=fashion&l=tanh2&m=15&i=99", ("Garments", "How relu2, map 15 is made")),
        ("n=flowers&d=w999&m=-1&l=conv9", ("Squares and circles", "How conv1, map 7 is made")),
        ("l=linear&m=12", ("Squares and circles", "How the logit of “circle” is made")),
    ],
)
def test_a_bad_link_falls_back_to_what_there_is(open_figure, link, clean):
    page = opened(open_figure, InsideNetwork(), at=f"inside-network?{link}")
    chosen = page.get_by_label("Network", exact=True).evaluate("box => box.selectedOptions[0].textContent")
    assert (chosen, page.locator(".detail > .title").inner_text()) == clean


@browser
def test_a_link_restores_a_drawing(open_figure):
    figure = InsideNetwork(image=0, drawing="k300w9k19w9k19w9", layer="pool1", map=2)
    page = opened(open_figure, InsideNetwork(), at=f"inside-network?{figure.query()}")
    pixels = page.locator(".pad canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, n) => n % 4 === 0).map(Boolean)"
    )
    assert pixels == (figure.pixels().flatten() > 0).tolist()
    assert page.locator(".detail > .title").inner_text() == "How pool1, map 2 is made"
