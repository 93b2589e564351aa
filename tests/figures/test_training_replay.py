"""Training replay: the recording is current, and the page shows what the recorded networks compute."""

import importlib.util
import json
import random
import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

from cnncourse.figures import TrainingReplay
from cnncourse.figures.training_replay import FILE, KERNEL_LIMIT, QUANTITIES, REACH, RECORDING, RUNS, examples

browser = pytest.mark.browser
MOMENTS = [(seed, epoch) for seed in RUNS for epoch in range(RECORDING["epochs"] + 1)]


@pytest.fixture(scope="module")
def tool():
    path = Path(__file__).parents[2] / "tools" / "record_training.py"
    spec = importlib.util.spec_from_file_location("record_training_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- The recording --------------------------------------------------------------------------------------------------


def test_the_recording_is_the_tools_and_small(tool):
    assert tool.FILE == FILE
    assert tuple(RUNS) == tool.SEEDS
    assert RECORDING["epochs"] == tool.EPOCHS
    assert {split: RECORDING[split] for split in tool.IMAGES} == tool.IMAGES
    assert FILE.stat().st_size <= 40 * 1024
    assert all(len(run[name]) == tool.EPOCHS + 1 for run in RUNS.values() for name in (*QUANTITIES, "parameters"))


@pytest.mark.parametrize("seed", [7, 13])
def test_training_again_gives_the_recorded_run(tool, seed):
    # measured: two threads, or convolutions without oneDNN, change no parameter of these seeds by 0.0001
    run = tool.record(seed)
    early, recorded = (torch.tensor(each["parameters"][:6]) for each in (run, RUNS[seed]))
    torch.testing.assert_close(early, recorded, atol=0.005, rtol=0)
    assert run["validation_accuracy"][-1] == pytest.approx(RUNS[seed]["validation_accuracy"][-1], abs=0.02)


def test_every_recorded_number_follows_from_the_recorded_parameters(tool):
    splits = {split: tool.shapes(split) for split in tool.IMAGES}
    for seed, epoch in MOMENTS:
        figure = TrainingReplay(seed=seed, epoch=epoch)
        logits = {split: figure.network()(images) for split, (images, _) in splits.items()}
        losses = {f"{split}_loss": F.cross_entropy(logits[split], splits[split][1]).item() for split in splits}
        right = (logits["validation"].argmax(dim=1) == splits["validation"][1]).double().mean().item()
        moment = figure.moment()
        assert moment.pop("validation_accuracy") == pytest.approx(right, abs=0.002)  # an image may lie on the boundary
        assert moment == pytest.approx(losses, abs=1e-5)


def test_most_seeds_learn_one_only_after_a_plateau_and_two_stay_stuck():
    ends = {seed: run["validation_accuracy"][-1] for seed, run in RUNS.items()}
    assert {seed for seed, accuracy in ends.items() if accuracy > 0.9} == {0, 4, 7, 8}
    assert ends[1] < 0.65
    assert ends[13] < 0.55
    assert min(RUNS[0]["train_loss"][:5]) > 0.68  # four epochs near log 2, and then it learns
    assert (TrainingReplay(seed=13, epoch=15).decisions().abs() < 0.2).all()


def test_nothing_drawn_leaves_its_scale():
    kernels = torch.tensor([run["parameters"] for run in RUNS.values()])[..., [*range(9), *range(10, 19)]]
    assert 0.8 * KERNEL_LIMIT < kernels.abs().max() <= KERNEL_LIMIT
    farthest = max(TrainingReplay(seed=seed, epoch=epoch).decisions().abs().max() for seed, epoch in MOMENTS)
    assert 0.8 * REACH < farthest <= REACH


# ---- Python and the page's arithmetic -------------------------------------------------------------------------------


def test_the_page_computes_what_torch_computes(node_test):
    generator = random.Random(11)
    images = examples()[0]
    cases = []
    for seed, epoch in MOMENTS:  # all settings there are: 96, with 24 images each
        figure, index = TrainingReplay(seed=seed, epoch=epoch), generator.randrange(24)
        network = figure.network()
        first = network.tanh1(network.conv1(images[index : index + 1]))
        second = network.tanh2(network.conv2(network.pool1(first)))
        flat = [
            network.tanh1(network.conv1(torch.full((1, 1, 3, 3), level)))[0, 0, 1, 1].item() for level in (1.0, 0.0)
        ]
        cases.append(
            {
                "seed": seed,
                "epoch": epoch,
                "quantities": list(figure.moment().values()),
                "parameters": RUNS[seed]["parameters"][epoch],
                "decisions": figure.decisions().tolist(),
                "right": figure.right().tolist(),
                "index": index,
                "maps": [*first.flatten().tolist(), *second.flatten().tolist()],
                "flat": flat,
            }
        )
    wild = [
        {"seed": generator.randint(0, 13), "epoch": generator.randint(0, 15), "reveal": generator.random() < 0.5}
        for _ in range(200)
    ]
    recording = list(TrainingReplay.files()["recording"])
    pixels = images.flatten(1).int().tolist()
    golden = {"recording": recording, "images": pixels, "cases": cases, "wild": wild}
    values = node_test(TrainingReplay.module(), "training_replay.test.mjs", golden)
    for state in json.loads(values.read_text())["normalised"]:
        TrainingReplay(**state)  # Python accepts every state that the page can be in


def test_the_description_has_the_numbers_of_the_epoch():
    text = TrainingReplay(seed=13, epoch=15).describe()
    assert "seed 13, after epoch 15 of 15: training loss 0.691" in text
    assert "53.1% of 1,000 validation images right" in text
    assert "before the first epoch" in TrainingReplay().describe()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": 5}, "`seed` must be one of the recorded 0, 1, 4, 7, 8, 13, not 5"),
        ({"seed": 99}, "`seed` must be a whole number from 0 to 13, not 99"),
        ({"epoch": 16}, "`epoch` must be a whole number from 0 to 15, not 16"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        TrainingReplay(**settings)


# ---- On a page ------------------------------------------------------------------------------------------------------


def opened(open_figure, figure, **options):
    page = open_figure(figure, **options)
    page.locator(".words .line", has_text="loss").wait_for()
    return page


def wait_for_marks(page):
    """Wait until the marks are where their numbers say: they move there by a transition."""
    page.wait_for_function("document.querySelector('cnn-training-replay').shadowRoot.getAnimations().length === 0")


def words(page):
    return page.locator(".words").inner_text()


@browser
def test_every_moment_is_told_with_pythons_numbers(open_figure):
    page = opened(open_figure, TrainingReplay())
    told = page.evaluate(
        """moments => moments.map(([seed, epoch]) => {
            const element = document.querySelector('cnn-training-replay');
            element.figure.set({ seed, epoch }, { commit: false });
            return [element.shadowRoot.querySelector('.words').textContent,
                element.shadowRoot.querySelectorAll('.mark-of.right').length,
                Array.from(element.shadowRoot.querySelectorAll('.kernel [role=gridcell]'), cell => cell.textContent)];
        })""",
        MOMENTS,
    )
    for (seed, epoch), (text, right, kernels) in zip(MOMENTS, told, strict=True):
        figure = TrainingReplay(seed=seed, epoch=epoch)
        train, _, accuracy = figure.moment().values()
        assert f"loss {train:.3f}, {accuracy:.1%} of 1,000 validation images right, {right} of these 24" in text
        assert right == figure.right().sum()
        weights = figure.network().conv1.weight.flatten().tolist() + figure.network().conv2.weight.flatten().tolist()
        assert [float(cell.replace("−", "-")) for cell in kernels] == pytest.approx(weights, abs=0.0051)


@browser
def test_the_curve_is_dragged_and_the_link_is_written_once_released(open_figure):
    page = opened(open_figure, TrainingReplay())
    assert page.get_by_text("?", exact=True).count() == 1  # the curve is still to come
    box = page.locator(".chart").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + 90, steps=8)
    assert "After epoch 15" in words(page)
    assert page.evaluate("location.hash") == ""
    page.mouse.up()
    assert page.evaluate("location.hash") == "#training-replay?e=15"
    assert page.get_by_text("?", exact=True).count() == 0


@browser
def test_keys_scrub_and_choose_an_image(open_figure):
    page = opened(open_figure, TrainingReplay())
    page.get_by_label("Scrub through the epochs").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == "#training-replay?e=2"
    page.keyboard.press("End")
    assert "After epoch 15" in words(page)
    page.keyboard.press("Home")
    assert page.evaluate("location.hash") == "#training-replay"
    page.keyboard.press("End")
    page.locator(".sides").focus()
    page.keyboard.press("End")
    surest = TrainingReplay(epoch=15).decisions()
    assert page.locator(".network").inner_text().count(f"circle {int(surest.argmax()) - 11}") == 1
    expect(page.locator(".network")).to_contain_text(f"+{surest.max():.2f}")
    page.keyboard.press("Home")
    expect(page.locator(".network")).to_contain_text(f"−{-surest.min():.2f}")
    status = re.compile(r"^square \d+ of 12: −4.74, says square, right")
    expect(page.locator("[role=status]")).to_have_text(status)


@browser
def test_space_plays_and_reduced_motion_steps(open_figure):
    page = opened(open_figure, TrainingReplay(epoch=14))
    page.locator(".sides").focus()
    page.keyboard.press("Space")
    page.get_by_text("After epoch 15").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    assert page.evaluate("location.hash") == "#training-replay?e=15"
    calm = opened(open_figure, TrainingReplay(), motion="reduce")
    calm.get_by_role("button", name="Play").click()
    assert "After epoch 1:" in words(calm)
    assert calm.get_by_role("button", name="Pause").count() == 0


@browser
def test_another_seed_starts_before_training_and_leaves_a_ghost(open_figure):
    page = opened(open_figure, TrainingReplay(epoch=9))
    assert page.locator(".ghost").count() == 0
    page.get_by_label("Seed", exact=True).select_option("13")
    assert page.evaluate("location.hash") == "#training-replay?s=13"
    assert "Before training" in words(page)
    assert page.locator(".chart").get_by_text("seed 7").count() == 1
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Epoch", exact=True).fill("15")
    page.keyboard.press("Tab")
    page.get_by_label("Seed", exact=True).select_option("1")
    assert page.evaluate("location.hash") == "#training-replay?s=1&e=15&a=1"  # all is shown: the epoch stays


@browser
def test_a_guess_is_judged_at_the_end(open_figure):
    page = opened(open_figure, TrainingReplay(seed=13))
    page.get_by_role("button", name="Yes").click()
    expect(page.locator(".ask-line")).to_contain_text("Now play.")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".ask-line")).to_contain_text("Not this time. It ends at 53.1%.")
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.locator(".ask-line")).to_contain_text("You saw it coming.")


@browser
def test_a_mouse_previews_and_a_finger_pins(open_figure):
    figure = TrainingReplay(epoch=15)
    page = opened(open_figure, figure)
    wait_for_marks(page)
    page.locator(".mark-of").nth(20).hover(force=True)
    expect(page.locator(".network")).to_contain_text("circle 9")
    page.locator(".title").first.hover()
    expect(page.locator(".network")).not_to_contain_text("circle 9")
    phone = opened(open_figure, figure, width=360, touch=True)
    wait_for_marks(phone)
    box = phone.locator(".mark-of").nth(20).bounding_box()
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(phone.locator(".network")).to_contain_text("circle 9")
    phone.get_by_role("button", name="Back").tap()
    assert phone.evaluate("location.hash") == "#training-replay?e=14"
    phone.locator(".chart").tap(position={"x": 40, "y": 90})
    assert "Before training" in words(phone)


@browser
def test_a_link_opens_a_moment_and_what_is_wrong_in_it_is_left_out(open_figure):
    page = opened(open_figure, TrainingReplay(), at="training-replay?s=5&e=3", link="training-replay?s=13&e=15")
    assert "After epoch 3" in words(page)
    assert page.get_by_label("Seed", exact=True).input_value() == "7"
    page.locator("#prose").click()
    page.get_by_text("After epoch 15").wait_for()
    assert "53.1%" in words(page)
    wild = opened(open_figure, TrainingReplay(), at="training-replay?s=x&e=99&a=2")
    assert "Before training" in words(wild)
