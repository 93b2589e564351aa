import bz2
import gc
import gzip
import hashlib
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

from cnncourse.data import FASHION_CLASSES, DataError, fashion_mnist, load_fashion_mnist

FULL = partial(load_fashion_mnist, full=True)


def put(folder, files, pack=gzip.compress, suffix=".gz"):
    """Write {name: contents} into the folder, packed."""
    folder.mkdir(parents=True)
    for name, contents in files.items():
        (folder / (name + suffix)).write_bytes(pack(contents))
    return folder


# The committed subset


@pytest.mark.parametrize(("split", "count"), [("train", 5000), ("test", 1000)])
def test_the_subset_has_as_many_images_of_each_class(split, count):
    images, labels = load_fashion_mnist(split)
    assert images.shape == (count, 1, 28, 28)
    assert images.dtype == torch.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.dtype == torch.int64
    assert labels.bincount().tolist() == [count // 10] * 10


def test_the_first_test_image_is_an_ankle_boot_and_the_first_training_image_too():
    assert [FASHION_CLASSES[load_fashion_mnist(split)[1][0]] for split in ("train", "test")] == ["Ankle boot"] * 2


def test_the_class_names_are_torchvisions():
    from torchvision.datasets import FashionMNIST

    assert list(FASHION_CLASSES) == FashionMNIST.classes


def test_the_subset_is_under_4_megabytes_and_carries_its_licence():
    files = {path.name: path for path in fashion_mnist.SUBSET_FOLDER.iterdir()}
    assert sum(path.stat().st_size for path in files.values()) < 4_000_000
    licence = files["LICENSE.md"].read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "2017 Zalando SE" in licence


def test_the_subset_needs_nothing_from_the_machine(nowhere):
    assert len(load_fashion_mnist("train")[0]) == 5000


@pytest.mark.parametrize("full", [False, True])
def test_load_fashion_mnist_refuses_another_split(full):
    with pytest.raises(ValueError, match="`split` must be 'train' or 'test', not 'valid'"):
        load_fashion_mnist("valid", full)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "cannot be read: Compressed file ended before"),
        (lambda path: path.write_bytes(b"no bzip2"), "cannot be read: Invalid data stream"),
        (lambda path: path.write_bytes(bz2.compress(b"else")), r"its 4 bytes \(unpacked\) have the SHA-256 checksum"),
        (lambda path: path.unlink(), "lacks the Fashion-MNIST file t10k-images-idx3-ubyte"),
    ],
)
def test_a_damaged_installation_says_which_file_and_to_reinstall(damage, message, tmp_path, monkeypatch):
    copy = shutil.copytree(fashion_mnist.SUBSET_FOLDER, tmp_path / "subset")
    monkeypatch.setattr(fashion_mnist, "SUBSET_FOLDER", copy)
    damage(copy / "t10k-images-idx3-ubyte.bz2")
    with pytest.raises(DataError, match=f"{message}.*Reinstall cnncourse") as error:
        load_fashion_mnist("test")
    assert str(copy) in str(error.value)
    assert "t10k-images-idx3-ubyte" in str(error.value)


# The script that made it


def test_the_script_makes_the_committed_files_byte_by_byte(debian_folder, subset_tool, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CNNCOURSE_DATA", str(debian_folder))
    assert subset_tool.main([str(tmp_path / "new")]) == 0
    made = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert made == {path.name: path.read_bytes() for path in fashion_mnist.SUBSET_FOLDER.glob("*.bz2")}
    assert "".join(f'    "{n}": "{c}",\n' for n, c in fashion_mnist.SUBSET_CHECKSUMS.items()) == capsys.readouterr().out


def test_the_script_keeps_the_order_of_the_original(subset_tool):
    classes = np.arange(40) % 10
    classes[0] = 5
    assert subset_tool.first_of_each_class(classes, 2).tolist() == [*range(0, 15), 16, 17, 18, 19, 20]


def test_the_script_does_not_touch_a_folder_that_exists(subset_tool, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        subset_tool.main([str(tmp_path)])
    assert "exists already; name a new folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_script_leaves_nothing_behind_when_a_file_is_broken(
    nowhere, small_files, subset_tool, tmp_path, monkeypatch, capsys
):
    folder = put(tmp_path / "mine", small_files)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"broken")
    monkeypatch.setenv("CNNCOURSE_DATA", str(folder))
    assert subset_tool.main([str(tmp_path / "new")]) == 1
    assert "t10k-labels-idx1-ubyte.gz cannot be read" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


# All 70,000 images


def test_the_full_set_is_debians_60000_and_10000_images(debian_folder, nowhere, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", debian_folder)
    images, labels = FULL("train")
    assert images.shape == (60_000, 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.bincount().tolist() == [6000] * 10
    subset_images, subset_labels = load_fashion_mnist("train")
    assert torch.equal(images[:4548], subset_images[:4548])  # until the first class has its 500
    assert torch.equal(labels[:4548], subset_labels[:4548])
    assert FULL("test")[1].bincount().tolist() == [1000] * 10


@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, ".gz"), (bytes, "")])
def test_the_folder_in_CNNCOURSE_DATA_may_hold_packed_or_unpacked_files(
    pack, suffix, nowhere, small_files, tmp_path, monkeypatch
):
    monkeypatch.setenv("CNNCOURSE_DATA", str(put(tmp_path / "mine", small_files, pack, suffix)))
    images, labels = FULL("train")
    assert torch.equal(images[1, 0, 0, :3] * 255, torch.tensor([16.0, 17.0, 18.0]))  # pixel 784 is 784 mod 256 = 16
    assert labels.tolist() == [9, 0, 3]


def test_the_places_are_searched_in_the_order_of_the_documentation(nowhere, small_files, tmp_path, monkeypatch):
    places = [tmp_path / "mine", tmp_path / "debian", nowhere / "FashionMNIST" / "raw"]
    monkeypatch.setenv("CNNCOURSE_DATA", str(places[0]))
    for place in places:
        put(place, dict.fromkeys(small_files, b"not the data"))
    for place in places:
        with pytest.raises(DataError) as error:
            FULL("train")
        assert str(error.value).startswith(f"{place / 'train-images-idx3-ubyte.gz'} is not the Fashion-MNIST file")
        shutil.rmtree(place)
        monkeypatch.delenv("CNNCOURSE_DATA", raising=False)


def test_a_chosen_folder_that_lacks_a_file_is_named_and_never_passed_over(nowhere, small_files, tmp_path, monkeypatch):
    put(tmp_path / "debian", small_files)
    mine = put(tmp_path / "mine", {"train-images-idx3-ubyte": b"alone"})
    monkeypatch.setenv("CNNCOURSE_DATA", str(mine))
    with pytest.raises(DataError, match=r"CNNCOURSE_DATA is '.*mine', which lacks train-labels-idx1-ubyte \(packed"):
        FULL("train")
    monkeypatch.delenv("CNNCOURSE_DATA")
    assert len(FULL("train")[0]) == 3


def test_other_folders_without_both_files_of_the_split_are_passed_over(nowhere, small_files, tmp_path):
    put(tmp_path / "debian", {"train-images-idx3-ubyte": b"alone"})
    put(nowhere / "FashionMNIST" / "raw", small_files)
    assert len(FULL("train")[0]) == 3


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def overwrite(position):
    """A damage that replaces one byte."""

    def damage(path):
        contents = bytearray(path.read_bytes())
        contents[position] ^= 0xFF
        path.write_bytes(contents)

    return damage


def replace_by_a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "cannot be read: Compressed file ended before the end-of-stream marker was reached"),
        (overwrite(10), "cannot be read: Error -3 while decompressing data"),
        (overwrite(-5), "cannot be read: CRC check failed"),
        (lambda path: path.write_bytes(b"<html>404</html>"), r"cannot be read: Not a gzipped file \(b'<h'\)"),
        (lambda path: path.write_bytes(b""), r"its 0 bytes \(unpacked\) have the SHA-256 checksum e3b0c44298"),
        (lambda path: path.write_bytes(gzip.compress(b"MNIST")), r"its 5 bytes .* checksum \w{64}, not \w{64}"),
        (replace_by_a_folder, r"cannot be read: .*(directory|denied)"),
    ],
)
@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"])
def test_a_broken_file_is_named_with_what_to_do(damage, message, name, nowhere, small_files, tmp_path, monkeypatch):
    folder = put(tmp_path / "mine", small_files)
    monkeypatch.setenv("CNNCOURSE_DATA", str(folder))
    damage(folder / name)
    with pytest.raises(
        DataError, match=f"{message}.* Replace it by the original file, or unset CNNCOURSE_DATA"
    ) as error:
        FULL("train")
    assert str(error.value).startswith(str(folder / name))
    assert len(FULL("test")[0]) == 3


def test_a_file_cut_short_is_found_out_even_when_it_is_not_packed(nowhere, small_files, tmp_path):
    folder = put(tmp_path / "debian", small_files, lambda contents: contents[:-1], "")
    with pytest.raises(DataError, match=r"2,367 bytes .* Reinstall Debian's package dataset-fashion-mnist") as error:
        FULL("test")
    assert str(folder / "t10k-images-idx3-ubyte") in str(error.value)


def test_CNNCOURSE_DATA_must_be_a_folder(nowhere, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNCOURSE_DATA", str(tmp_path / "typo"))
    with pytest.raises(DataError, match=r"typo', which is not a folder. Set it to the folder .* or unset it"):
        FULL("train")


# The download


@pytest.fixture
def mirror(nowhere, small_files, tmp_path, monkeypatch):
    """A folder whose files a server on this machine offers to torchvision as its Fashion-MNIST mirror."""
    from torchvision.datasets import FashionMNIST

    folder = put(tmp_path / "mirror", small_files)

    class QuietHandler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(FashionMNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
    monkeypatch.setattr(
        FashionMNIST,
        "resources",
        [(path.name, hashlib.md5(path.read_bytes()).hexdigest()) for path in sorted(folder.iterdir())],
    )
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_nowhere_is_downloaded_once_with_a_progress_bar(mirror, nowhere, small_files, capfd):
    assert FULL("train")[1].tolist() == [9, 0, 3]
    assert "100%" in capfd.readouterr().err
    shutil.rmtree(mirror)
    assert FULL("test")[1].tolist() == [9, 0, 3]
    assert [path.name for path in nowhere.iterdir()] == ["FashionMNIST"]
    expected = sorted([*small_files, *(f"{name}.gz" for name in small_files)])
    assert sorted(path.name for path in (nowhere / "FashionMNIST" / "raw").iterdir()) == expected


def test_torchvision_itself_reads_the_cache(mirror, nowhere):
    from torchvision.datasets import FashionMNIST

    FULL("train")
    assert FashionMNIST(nowhere, download=False).targets.tolist() == [9, 0, 3]


def test_half_a_download_is_never_data(mirror, nowhere):
    cut(mirror / "train-labels-idx1-ubyte.gz")
    with pytest.raises(DataError, match=r"could not be downloaded into .*corrupted.* set CNNCOURSE_DATA .* full=False"):
        FULL("test")
    assert list(nowhere.iterdir()) == []


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # urllib's HTTPError keeps its socket
def test_a_server_that_lacks_a_file_is_no_data_either(mirror, nowhere):
    (mirror / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"could not be downloaded into .*HTTP Error 404"):
        FULL("test")
    gc.collect()
    assert list(nowhere.iterdir()) == []


def test_an_interrupted_download_leaves_nothing_and_can_be_repeated(mirror, nowhere, monkeypatch):
    from torchvision.datasets import FashionMNIST, mnist

    fetch = mnist.download_and_extract_archive

    def interrupted(url, *args, **kwargs):
        if "train-labels" in url:
            raise KeyboardInterrupt
        fetch(url, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(mnist, "download_and_extract_archive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            FULL("train")
    assert list(nowhere.iterdir()) == []
    assert len(FashionMNIST.resources) == 4
    assert len(FULL("train")[0]) == 3


def test_without_a_network_the_error_says_what_to_do(nowhere, monkeypatch):
    from torchvision.datasets import FashionMNIST

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])  # nobody listens there
    with pytest.raises(DataError, match=r"Connection refused.* Connect to the network and try again, or put") as error:
        FULL("train")
    assert "\n" not in str(error.value)
    for name in fashion_mnist.FULL_CHECKSUMS:
        assert f"{name}.gz" in str(error.value)


def test_a_cache_that_cannot_be_written_is_reported(nowhere, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"could not be downloaded into .*cache"):
        FULL("train")


def test_a_damaged_file_in_the_cache_can_be_deleted_and_comes_back(mirror, nowhere):
    raw = nowhere / "FashionMNIST" / "raw"
    FULL("train")
    for path in (raw / "train-images-idx3-ubyte", raw / "train-images-idx3-ubyte.gz"):
        path.write_bytes(b"damaged")
        with pytest.raises(DataError, match="Delete it and try again: it will be downloaded afresh") as error:
            FULL("train")
        assert str(error.value).startswith(f"{path} ")
        path.unlink()
    assert len(FULL("train")[0]) == 3


# The import


def test_importing_the_data_package_loads_no_other_library_than_torch_and_numpy():
    code = (
        "import sys, cnncourse.data; "
        "print([name for name in ('sklearn', 'torchvision', 'matplotlib', 'PIL') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
