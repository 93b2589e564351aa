"""Weigh the pages of the built site as a browser loads them, compressed by gzip: `python tools/weigh_pages.py`."""

import gzip
import http.server
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

SITE = Path(__file__).parent.parent / "_build" / "html"
COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".ipynb", ".ttf", ".xml"}  # what GitHub Pages compresses, too


@contextmanager
def served(site=SITE, prefix="/", port=0):
    """Serve a folder on this machine as a web server does, text compressed by gzip; yield the address.

    Parameters
    ----------
    site : path-like
    prefix : str
        The path under which the site appears.
    port : int
        0 for any that is free.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            path = Path(site) / urlsplit(self.path).path.removeprefix(prefix)
            path = path / "index.html" if path.is_dir() else path
            if self.path == "/favicon.ico":  # the browser asks the host for it, not one of the site's pages
                return self.answer(204, b"")
            if not path.is_file():
                return self.answer(404, b"")
            content = path.read_bytes()
            headers = {
                "Content-Type": TYPES.get(path.suffix, "application/octet-stream"),
                "Cache-Control": "max-age=600",
            }
            if path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", ""):
                content = gzip.compress(content, 6)
                headers["Content-Encoding"] = "gzip"
            return self.answer(200, content, headers)

        def answer(self, status, content, headers=()):
            self.send_response(status)
            for name, value in dict(headers).items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
        server.shutdown()


TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".woff": "font/woff",
    ".json": "application/json",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
}


def weigh(browser, address, name):
    """Load a page down to its end and return what came over the line.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    address : str
        Where `served` serves the site.
    name : str
        The page, such as ``"book/pooling.html"``.

    Returns
    -------
    dict of str to int
        Bytes by kind ("document", "stylesheet", "script", "image", "font").
    """
    context = browser.new_context()
    page = context.new_page()
    bytes_by_kind = {}

    def add(request):
        sizes = request.sizes()
        size = sizes["responseBodySize"] + sizes["responseHeadersSize"]
        bytes_by_kind[request.resource_type] = bytes_by_kind.get(request.resource_type, 0) + size

    page.on("requestfinished", add)
    page.goto(address + name, wait_until="load")
    page.evaluate("for (const image of document.images) image.loading = 'eager'")  # as if one had read to the end
    page.wait_for_load_state("networkidle")
    context.close()
    return bytes_by_kind


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, served() as address:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        print(f"{'KB, gzip':<32}   page  style script  image   font    sum")
        for file in sorted((SITE / "book").glob("*.html")):
            weight = weigh(chromium, address, f"book/{file.name}")
            kinds = [weight.get(kind, 0) / 1000 for kind in ("document", "stylesheet", "script", "image", "font")]
            print(
                f"{file.name:<32}" + "".join(f"{kilobytes:7.0f}" for kilobytes in [*kinds, sum(weight.values()) / 1000])
            )
        chromium.close()
