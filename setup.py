"""Puts the files of data/ into a wheel, as hmlib/data; all else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class WithData(build_py):
    """An editable install reads data/ where it is; a wheel carries a copy."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        folder = Path(self.build_lib) / "hmlib" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in ("*.npz", "*.json", "README.md"):
            for file in (ROOT / "data").glob(pattern):
                shutil.copyfile(file, folder / file.name)


setup(cmdclass={"build_py": WithData})
