"""Takes the pictures of the page in docs/screens: trains a few runs, opens the workbench, visits every page.

Run it from anywhere with Chromium installed and the page built: `python docs/screens.py [FOLDER]`.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

OUT = Path(__file__).with_name("screens")
RUNS = [(lr, seed) for lr in ("0.0003", "0.001", "0.003") for seed in ("1", "2")]
SETTINGS = ["train.epochs=8", "data.limit=3000", "data.source.Shapes.size=24", "data.augment=[]", "schedule=null"]
PAGES = {
    "start": ("", "en", "light"),
    "curves": ("runs?sel=*&group=*seed", "en", "light"),
    "curves-dark-chinese": ("runs?sel=*", "zh", "dark"),
    "distributions": ("runs?sel=runs/lr-0.003-1&tab=distributions", "en", "dark"),
    "media": ("runs?sel=runs/lr-0.003-1&sel=runs/lr-0.003-2&tab=media", "en", "light"),
    "table": ("runs?tab=table", "en", "light"),
    "plots": ("runs?tab=plots", "en", "light"),
    "differences": ("runs?tab=differences&sel=runs/lr-0.003-1&sel=runs/lr-0.001-1", "en", "light"),
    "run": ("run?run=runs/lr-0.003-1", "zh", "light"),
    "try": ("run?run=runs/lr-0.003-1&tab=try", "en", "light"),
    "draw": ("edit?file=unet.yaml&view=draw", "en", "light"),
    "draw-dark-chinese": ("edit?file=transformer.yaml&view=draw&level=Encoder", "zh", "dark"),
    "data": ("edit?file=resnet18.yaml&view=data", "en", "light"),
    "training": ("edit?file=resnet18.yaml&view=training", "en", "light"),
    "edit": ("edit?file=shapes.yaml&view=text", "en", "light"),
}
"""File, address, language and theme of each picture."""
CLICKED = {"try": ".run-samples button >> nth=2", "draw": ".react-flow__node >> nth=2"}
"""What is clicked before the picture is taken."""
NETWORKS = ("unet", "transformer", "resnet18")
LOOK = 8000
"""Milliseconds until a page has what it shows; torch is loaded behind some."""


def main(folder: Path) -> None:
    """Writes every picture; `folder` keeps the runs, so that a second call need not train."""
    _train(folder)
    command = [sys.executable, "-m", "torchwork", "open", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout is not None
        address = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+token=\S+", line)))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (place, language, theme) in PAGES.items():
            _take(browser, address, place, language, theme, OUT / f"{name}.png", CLICKED.get(name))
        browser.close()
        server.terminate()


def _train(folder: Path) -> None:
    if (folder / "runs").exists():
        return
    for network in NETWORKS:
        made = ["new", network, "--template", network]
        subprocess.run([sys.executable, "-m", "torchwork", *made], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "torchwork", "new", "shapes"], cwd=folder, check=True)
    for lr, seed in RUNS:
        named = (f"name=lr-{lr}", f"optimizer.AdamW.lr={lr}", f"seed={seed}")
        changes = [f"--set={item}" for item in (*SETTINGS, *named)]
        subprocess.run([sys.executable, "-m", "torchwork", "train", "shapes.yaml", *changes], cwd=folder, check=True)


def _take(
    browser: Browser, address: str, place: str, language: str, theme: str, file: Path, clicked: str | None
) -> None:
    """One picture, in few colours so that it is small."""
    base, token = address.split("/?token=")
    context = browser.new_context(
        viewport={"width": 1280, "height": 720},
        locale="zh-CN" if language == "zh" else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
    )
    tab = context.new_page()
    tab.goto(f"{base}/{place}{'&' if '?' in place else '?'}token={token}")
    if clicked:
        tab.click(clicked)
    tab.wait_for_timeout(LOOK)
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    picture.quantize(256, kmeans=4, dither=Image.Dither.NONE).save(file, optimize=True)
    context.close()


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as place:
            main(Path(place))
