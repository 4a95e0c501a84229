"""A real ESPHome node that runs on this machine: built once, then started at will.

Its YAML is `tests/esphome/node.yaml`: bays from the package that owners include.
"""

import asyncio
import os
from pathlib import Path

from .processes import ROOT, Part, PartError, is_listening
from .recorder import PINS

ESPHOME = ROOT / ".tools" / "esphome" / "bin" / "esphome"
BUILD = ROOT / ".tools" / "esphome-node"
COMPONENTS = ROOT / "esphome" / "components"
NODE_YAML = ROOT / "tests" / "esphome" / "node.yaml"
PROGRAM = BUILD / "build" / "paybay-node" / ".pioenvs" / "paybay-node" / "program"
BUILD_WITHIN_S = 300.0


async def esphome(command: str, config: Path) -> str:
    """Return what `esphome config` or `compile` prints; raise PartError if it fails."""
    child = await asyncio.create_subprocess_exec(
        str(ESPHOME),
        *("-s", "paybay_components", str(COMPONENTS)),
        *(command, str(config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "ESPHOME_DATA_DIR": str(BUILD)},
        cwd=config.parent,
    )
    try:
        async with asyncio.timeout(BUILD_WITHIN_S):
            printed, _ = await child.communicate()
    except TimeoutError:
        child.kill()
        raise PartError(f"esphome {command} takes too long") from None
    text = printed.decode(errors="replace")
    if child.returncode:
        raise PartError(f"esphome {command} {config.name} failed:\n{text[-4000:]}")
    return text


async def build_node() -> Path:
    """Build the node's program, or what changed of it, and return where it is."""
    await esphome("compile", NODE_YAML)
    return PROGRAM


class EsphomeNode:
    """One node with a flash of its own; `board` shows its pins."""

    def __init__(self, directory: Path, board: Path, logs: Path, port: int) -> None:
        """Prepare it in this directory; the program must have been built."""
        self.port = port
        self.board = board
        self.part = Part(
            "the ESPHome node",
            [str(PROGRAM)],
            log=logs / "esphome_node.log",
            env={
                "ESPHOME_PREFDIR": str(directory / "flash"),
                "PAYBAY_API_PORT": str(self.port),
                "PAYBAY_BOARD": str(board),
            },
            ready=self._is_ready,
        )

    async def start(self) -> None:
        """Give it power and wait until it listens."""
        if not self.board.exists():
            self.board.parent.mkdir(parents=True, exist_ok=True)
            self.board.write_bytes(bytes(PINS))
        await self.part.start()
        await self.part.wait_ready(within_s=20)

    async def kill(self) -> None:
        """Cut its power: a chip's pins fall with it, a program's file does not."""
        await self.part.kill()
        with self.board.open("r+b") as board:
            board.write(bytes(PINS))

    async def stop(self) -> None:
        """Let it restart in order, as after an update; it is not started again."""
        await self.part.stop()

    async def _is_ready(self) -> bool:
        return await is_listening(self.port)
