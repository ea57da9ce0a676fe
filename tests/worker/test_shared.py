"""Whether activities of an app may see each other's effects, as far as its code tells."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from wfsim.workers.azure_functions.shared import may_share

APART = [
    "LIMIT = 3\ndef act(x): return x + LIMIT",
    "import re\nWORD = re.compile('a')\ndef act(x): return WORD.match(x)",
    "NAMES = ('a', frozenset({'b'}))\ndef act(x): return x in NAMES",
    "ITEMS = []\ndef other(): ITEMS.append(1)\ndef act(x): return x",
    "from functools import cache\n@cache\ndef half(x): return x / 2\ndef act(x): return half(x)",
    "import dataclasses as d\n@d.dataclass(frozen=True)\nclass P: n: int\nA = P(1)\ndef act(x): A",
    "from enum import Enum\nclass Kind(Enum):\n    A = []\ndef act(x): return Kind.A",
    "def act(x):\n    n = 0\n    def inc():\n        nonlocal n\n        n += x\n    inc()",
]
TOGETHER = [
    "ITEMS = []\ndef act(x): ITEMS.append(x)",
    "n = 0\ndef act(x):\n    global n\n    n += 1",
    "n = 0\ndef count():\n    global n\n    n += 1\ndef act(x): count()",
    "from itertools import count\nNUMBERS = count()\ndef act(x): return next(NUMBERS)",
    "from collections import deque\nQ = deque()\ndef act(x): Q.append(x)",
    "class Bank:\n    balance = {}\ndef act(x): Bank.balance[x] = 1",
    "class Bank:\n    def pay(self): BOOK.append(1)\nBOOK = []\ndef act(x): Bank().pay()",
    "class Bank: pass\nBANK = Bank()\ndef act(x): BANK.x = x",
    "def act(x, seen=[]): seen.append(x)",
    "def make():\n n = 0\n def f(x):\n  nonlocal n\n  n += 1\n return f\nact = make()",
    "def make(store):\n    def act(x): store.append(x)\n    return act\nact = make([])",
    "PAIR = (1, [])\ndef act(x): PAIR[1].append(x)",
    "def act(x):\n    with open(x, 'w') as file: file.write(x)",
    "import os\ndef act(x): os.environ['x'] = x",
    "from pathlib import Path\ndef act(x): Path(x).write_text(x)",
]


def _shares(code: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    module = ModuleType("app_that_may_share")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look it up
    exec(compile(code, "function_app.py", "exec"), vars(module))
    return may_share([vars(module)["act"]], [module])


@pytest.mark.parametrize("code", APART)
def test_what_cannot_change_is_not_shared(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values, what is made for one call, and what no activity refers to."""
    assert not _shares(code, monkeypatch)


@pytest.mark.parametrize("code", TOGETHER)
def test_what_one_call_leaves_behind_is_shared(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers, objects, rebound names, defaults, closures, files and the environment."""
    assert _shares(code, monkeypatch)
