"""The hub of docs/teaching/jupyterhub_config.py, with two students who need no password."""

import os

from jupyterhub.spawner import SimpleLocalProcessSpawner

c = get_config()  # noqa: F821  JupyterHub puts it here
load_subconfig(os.environ["HELMHOLTZ_CONFIG"])  # noqa: F821

HOMES = os.environ["HELMHOLTZ_HOMES"]
NUMBERS = {name: int(number) for name, number in (
    pair.split(":") for pair in os.environ["HELMHOLTZ_STUDENTS"].split(",")
)}  # fmt: skip


class Numbered(SimpleLocalProcessSpawner):
    """Each student is a user of their own if the hub may change users: a number without a name."""

    def make_preexec_fn(self, name):
        home, number = f"{HOMES}/{name}", NUMBERS[name]

        def become():
            os.chdir(home)
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(number)
                os.setuid(number)
            os.umask(0o077)

        return become

    def user_env(self, env):
        env = super().user_env(env)
        home = f"{HOMES}/{self.user.name}"
        return env | {"HOME": home, "USER": self.user.name, "LOGNAME": self.user.name}


c.JupyterHub.spawner_class = Numbered
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = set(NUMBERS)
c.SimpleLocalProcessSpawner.home_dir_template = HOMES + "/{username}"
c.Spawner.args = [*c.Spawner.args, "--LabApp.expose_app_in_browser=True"]
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.JupyterHub.hub_port = int(os.environ["HELMHOLTZ_HUB_PORT"])
c.ConfigurableHTTPProxy.command = [os.environ["HELMHOLTZ_PROXY"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['HELMHOLTZ_PROXY_PORT']}"
