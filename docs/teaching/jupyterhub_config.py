"""A JupyterHub for the course: one copy that all can read, and a folder for each student.

Start it with two variables: `HELMHOLTZ_ENV`, the environment that has JupyterHub and the course,
and `HELMHOLTZ_COURSE`, a student's edition. docs/teaching/hub.md says the rest.
"""

import os

c = get_config()  # noqa: F821  JupyterHub puts it here

ENV, COURSE = os.environ["HELMHOLTZ_ENV"], os.environ["HELMHOLTZ_COURSE"]
OWN = "helmholtz"  # a student's folder, in their home

c.JupyterHub.bind_url = os.environ.get("HELMHOLTZ_URL", "http://127.0.0.1:8000")

# Each student's server brings its notebooks along, or up to date, and then becomes the server.
c.Spawner.cmd = [
    *(f"{ENV}/bin/python", "-m", "hmlib.course", "own", "--update", f"{COURSE}/notebooks", OWN),
    *("--", f"{ENV}/bin/jupyterhub-singleuser"),
]
c.Spawner.notebook_dir = f"~/{OWN}"
c.Spawner.default_url = "/lab/tree/00_start_here.ipynb"
c.Spawner.environment = {
    "PATH": f"{ENV}/bin:/usr/local/bin:/usr/bin:/bin",
    # A kernel takes one processor: with more threads students take each other's.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Labs draw what is asked for alone, not what may be asked for next.
    "HMLIB_FETCH_AHEAD": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
# Kernels that nobody has used for an hour end; what is saved stays.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_interval=300",
]
