"""Cells that try to cheat the marking, to stop it, or to harm someone.

Name -> the question that the cell stands in the place of, and its source. Where the question is
empty, the cell stands alone and touches no answer, so that the hand-in loses nothing.
"""

from __future__ import annotations

HOSTILE: dict[str, tuple[str, str]] = {
    "endless loop": ("", "while True:\n    pass\n"),
    "ends Python": ("", "import os\nos._exit(0)\n"),
    "patched grade": (
        "02.6",
        "from hmlib.check.question import Question, Verdict\n"
        "Question.grade = lambda self, *a: Verdict(self.id, 'correct', 'well done', 1.0)\n"
        "answer_02_6 = 7\n",
    ),
    "patched check": (
        "02.6",
        "import hmlib.check\nhmlib.check.check = hmlib.check.grade = lambda *a: None\n"
        "answer_02_6 = 7\n",
    ),
    "imports the solutions": (
        "02.6",
        "from hmlib.course.nb02.solutions import ANSWERS\nanswer_02_6 = ANSWERS['02.6']\n",
    ),
    "looks through all objects": (
        "02.6",
        "import gc\nfrom hmlib.check.question import Question\nanswer_02_6 = [\n"
        "    q for q in gc.get_objects() if isinstance(q, Question) and q.id == '02.6'\n"
        "][0].answer\n",
    ),
    "reads the answer by frames": (
        "02.7",
        "import sys\n\n\ndef kl(q, p):\n    frame = sys._getframe()\n"
        "    while frame is not None:\n        for name in ('like', 'truth', 'answer'):\n"
        "            if name in frame.f_locals:\n                return frame.f_locals[name]\n"
        "        frame = frame.f_back\n    return 0\n",
    ),
    "a gigabyte of print": ("", "for _ in range(1024):\n    print('x' * 2**20)\n"),
    "a deleted folder": (
        "",
        "import os, shutil\nshutil.rmtree(os.path.expanduser('~'), ignore_errors=True)\n"
        "shutil.rmtree('/tmp', ignore_errors=True)\nshutil.rmtree('/', ignore_errors=True)\n",
    ),
    "processes without end": (
        "",
        "import os, time\nwhile True:\n    try:\n        if os.fork() == 0:\n"
        "            time.sleep(600)\n    except OSError:\n        break\n",
    ),
    "memory without end": (
        "",
        "kept = []\nwhile True:\n    kept.append(bytearray(2**28))\n",
    ),
    "fills the disk": (
        "",
        "import os\nfor k in range(1000):\n    with open(f'/tmp/{k}', 'wb') as file:\n"
        "        file.write(b'x' * 2**24)\n",
    ),
    "ends every process": ("", "import os\nos.kill(-1, 9)\n"),
    "sleeps": ("", "import time\ntime.sleep(10**6)\n"),
    "library's own": ("02.8", "from hmlib import exact\nfree_energy = exact.free_energy\n"),
    "library's own, hidden": (
        "02.8",
        "import sys\nfrom hmlib import exact\n\n\ndef free_energy(gen, rec, u):\n"
        "    sys.setprofile(None)\n    return exact.free_energy(gen, rec, u)\n",
    ),
    "library's own, elsewhere": (
        "02.8",
        "from concurrent.futures import ThreadPoolExecutor\nfrom hmlib import exact\n\n\n"
        "def free_energy(gen, rec, u):\n    with ThreadPoolExecutor(1) as pool:\n"
        "        return pool.submit(exact.free_energy, gen, rec, u).result()\n",
    ),
    "hangs when it is called": ("02.7", "def kl(q, p):\n    while True:\n        pass\n"),
    "ends Python when it is called": (
        "02.7",
        "import os\n\n\ndef kl(q, p):\n    os._exit(0)\n",
    ),
    "gives back a mountain": (
        "02.7",
        "def kl(q, p):\n    return [[0.0] * 10**6 for _ in range(40)]\n",
    ),
    "lies about itself": (
        "02.6",
        "class Liar(float):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = float.__hash__\n    def __sub__(self, other):\n        return 0.0\n"
        "    __rsub__ = __sub__\n    def __le__(self, other):\n        return True\n\n\n"
        "answer_02_6 = Liar(3)\n",
    ),
    "guesses in a loop": (
        "02.6",
        "for answer_02_6 in np.arange(-1.0, 0.0, 0.001):\n    check('02.6', answer_02_6)\n",
    ),
    "closes every file": ("", "import os\nos.closerange(3, 4096)\n"),
    "talks to the watcher": (
        "",
        "import json, socket, struct\nfor message in ({'finished': True}, {'done': 10**9}, [],\n"
        "                {'check': '02.6', 'value': {'is': 'array'}, 'serial': 0}):\n"
        "    line = socket.socket(socket.AF_UNIX)\n    line.connect('/talk/door')\n"
        "    data = json.dumps(message).encode()\n"
        "    line.sendall(struct.pack('>I', len(data)) + data)\n"
        "line.sendall(b'\\xff' * 2**20)\n",
    ),
    "takes Python apart": (
        "",
        "import builtins, json, os, socket\nbuiltins.isinstance = builtins.len = None\n"
        "json.dumps = os.fork = os.getpid = socket.socket = None\n"
        "get_ipython().ast_transformers.clear()\nget_ipython().run_cell = None\n",
    ),
    "looks for other hand-ins": (
        "02.6",
        "import os\nfound = [os.path.join(folder, name)\n"
        "         for root in ('/tmp', '/home', '/root', '/srv')\n"
        "         for folder, _, names in os.walk(root) for name in names\n"
        "         if name.endswith('.ipynb') or name in ('solutions.py', 'checks.py')]\n"
        "answer_02_6 = __import__('re').search('02.6.: (.*),', open(found[0]).read())[1]\n",
    ),
}
