"""Labs that learn: what play, pause, step, rate and restart do, from Python and by messages."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import oracles
import pytest
from front import Front

from hmlib import Generative, Layered, Recognition, datasets, learning
from hmlib.course.nb05 import training_labs as training
from hmlib.course.nb05.training_pictures import Learning, LearningStripes
from hmlib.figures import THEMES
from hmlib.figures.sheets import horizon
from hmlib.lab import LabError, LogSlider, Question, Training, live
from hmlib.lab.live import AS_FAST, SPEEDS
from hmlib.lab.traffic import Traffic
from hmlib.learning import Diverged, Step
from tools.labs import training_makers

WORLD = datasets.stripes()
ONE, TEN, HUNDRED, _ = SPEEDS
PNG = b"\x89PNG\r\n\x1a\n"


def delta_rules(gen, rec, u, rng, rate):
    """Wake and sleep for one hidden layer, as notebook 05 has them typed."""
    n = len(u)
    v = rec.sample(rng, u)
    missed = u - 1 / (1 + np.exp(-(v @ gen.G.T + gen.h)))
    gen = gen + rate * Generative(
        (v - 1 / (1 + np.exp(-gen.g))).mean(axis=0), missed.T @ v / n, missed.mean(axis=0)
    )
    v, u = gen.sample(rng, n)
    missed = v - 1 / (1 + np.exp(-(u @ rec.W.T + rec.w)))
    return gen, rec + rate * Recognition(missed.mean(axis=0), missed.T @ u / n)


# Labs with objectives, causes and dreams in pictures; others have tests of their own.
LABS = {name: make for name, make in training_makers().items() if name.startswith("training.")}
MAKERS = LABS | {
    "two layers": lambda: training.stripes((9, 4, 1)),
    "typed": lambda: training.stripes(rule=delta_rules),
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def same_step(a: Step, b: Step) -> bool:
    """The same in every bit, also in what it will draw."""

    def moments(step: Step) -> list[np.ndarray]:
        states = step.optimiser or ()
        return [np.asarray(value) for state in states for value in vars(state).values()]

    return (
        (a.gen, a.rec, a.count, a.rng_state) == (b.gen, b.rec, b.count, b.rng_state)
        and len(moments(a)) == len(moments(b))
        and all(np.array_equal(x, y) for x, y in zip(moments(a), moments(b), strict=True))
    )


class Learner(Front):
    """The other end of the line of a lab that learns."""

    def asks(self, do: str, theme: str = "light", steps: int | None = None, **values) -> tuple:
        """One request to learn; its one answer."""
        tokens = {
            name: control.token((self.lab.values | values)[name])
            for name, control in self.lab._controls.items()
        }
        more = {} if steps is None else {"steps": steps}
        (answer,) = self.says(kind="train", id="a/1", do=do, theme=theme, tokens=tokens, **more)
        assert answer[0]["kind"] == "trained"
        assert answer[0]["id"] == "a/1"
        return answer


# A run of one's own, to see what the lab does with it.


def counting(step: Step, rate: float, steps: int):
    """A rule that adds the rate to every parameter of G."""
    for _ in range(steps):
        gen = step.gen.like(step.gen.ravel() + rate)
        step = replace(step, gen=gen, count=step.count + 1)
        yield step


def failing_at(count: int, error: BaseException):
    def run(step, rate, steps):
        for after in counting(step, rate, steps):
            if after.count == count:
                raise error
            yield after

    return run


def probe(run=counting, **options) -> Training:
    models = Generative.zeros(9, 2), Recognition.zeros(9, 2)
    return Training(
        lambda seed: Step(*(model.like(model.ravel() + seed) for model in models)),
        run,
        **training._world(WORLD),
        draw=LearningStripes,
        question=Question("Does it learn?", ("yes", "no"), "no", "It counts."),
        rate=LogSlider("rate", "rate", 0.001, 1, 0.01),
        title="A probe",
        **options,
    )


# From Python


def test_a_fresh_lab_has_learnt_nothing_and_says_so(make):
    lab = make()
    assert lab.step.count == lab.record["count"] == 0
    assert list(lab.record["counts"]) == [0]
    assert repr(lab).startswith(f"Lab {lab._title!r} at rate = ")
    assert "step 0, seed 1" in repr(lab)
    assert repr(lab) == repr(make())
    assert lab.picture.startswith(PNG)
    assert lab.picture == make().picture


def test_learning_in_two_parts_is_learning_in_one(make):
    halves, whole = make().advance(100).advance(100), make().advance(200)
    pieces = make()
    for steps in (1, 1, 98, 37, 63):
        pieces.advance(steps)
    assert halves.step.count == 200
    assert same_step(halves.step, whole.step)
    assert same_step(pieces.step, whole.step)
    assert same_step(pieces.advance(5).step, whole.advance(5).step)
    assert not same_step(make().advance(199).step, halves.step)


def test_a_lab_learns_what_its_rule_learns():
    """The rule called by itself, once and uncut, from the same seed."""
    rng = np.random.default_rng(7)
    gen, rec = learning.fresh(9, 6, rng=rng, scale=0.1)
    *_, alone = learning.wake_sleep(
        gen, rec, WORLD.u, WORLD.weights, rate=0.5, steps=300, minibatch=20, rng=rng
    )
    lab = training.stripes().restart(7).advance(300)
    assert (lab.step.gen, lab.step.rec) == (alone.gen, alone.rec)


def test_a_new_rate_keeps_what_was_learnt_and_acts_from_the_next_step():
    lab = training.stripes().advance(50)
    before = lab.step
    lab.set(rate=2.0)
    assert same_step(lab.step, before)
    assert lab.record["rate"] == 2.0
    *_, after = learning.wake_sleep(
        before.gen, before.rec, WORLD.u, WORLD.weights, rate=2.0, steps=30, start=before
    )
    assert same_step(lab.advance(30).step, after)
    assert not same_step(training.stripes().advance(80).step, after)


def test_a_new_seed_waits_for_restart(make):
    lab = make().advance(20)
    before = lab.step
    lab.set(seed=9)
    assert same_step(lab.step, before)
    assert lab.record["seed"] == 1
    assert lab._said() == "This run has seed 1; Restart begins anew with seed 9."
    lab.restart()
    assert lab.record["seed"] == 9
    assert lab._said() == ""
    assert lab.step.count == 0
    assert same_step(lab.advance(20).step, make().restart(seed=9).advance(20).step)
    assert lab.values["seed"] == 9
    assert not same_step(lab.step, before)


def test_reset_is_the_beginning_again(make):
    lab = make().advance(30).set(rate=0.1, seed=3)
    lab.restart().reset()
    assert repr(lab) == repr(make())
    assert lab.picture == make().picture


def test_the_curves_belong_to_the_steps(make):
    lab = make()
    for steps in (1, 9, 40):
        lab.advance(steps)
    record = lab.record
    assert {0, 1, 10, 50} <= set(record["counts"])
    assert (np.diff(record["counts"]) > 0).all()
    now = lab._measure(lab.step)
    for name, value in now.items():
        assert record[name][-1] == value
        assert len(record[name]) == len(record["counts"])


def test_long_curves_are_thinned_and_keep_their_ends():
    lab = probe()
    for _ in range(1200):
        lab.advance()
    counts = lab.record["counts"]
    assert 200 <= len(counts) <= live.MOST_NOTES
    assert (counts[0], counts[-1]) == (0, 1200)
    assert (np.diff(counts) > 0).all()
    assert np.diff(counts).max() <= 8


def test_a_run_is_over_after_its_last_step():
    lab = probe(most=150).advance(100)
    assert lab._said() == ""
    lab.advance(100)
    assert lab.step.count == 150
    assert "over after 150 steps" in lab._said()
    assert lab.advance().step.count == 150
    assert lab.restart().advance(1).step.count == 1


@pytest.mark.parametrize("steps", [0, -1, 1.5, "1", None])
def test_steps_that_are_no_number_are_refused(steps):
    lab = probe()
    with pytest.raises(ValueError, match="steps is"):
        lab.advance(steps)
    assert lab.step.count == 0


def test_a_seed_or_a_rate_off_the_list_is_refused_and_changes_nothing():
    lab = training.stripes().advance(10)
    before = lab.step
    with pytest.raises(ValueError, match="seed is 99"):
        lab.restart(seed=99)
    with pytest.raises(ValueError, match="rate is"):
        lab.set(rate=0.3)
    assert same_step(lab.step, before)
    assert lab.values["seed"] == 1


def test_a_lab_needs_a_control_of_the_rate():
    with pytest.raises(ValueError, match="rate has name 'r'; accepted: 'rate'"):
        Training(
            lambda seed: None, counting, dict, dict, Learning, training.stripes()._question,
            rate=LogSlider("r", "r", 0.1, 1, 0.1), title="",
        )  # fmt: skip


def test_a_lab_that_cannot_begin_says_so():
    def begin(seed):
        raise ZeroDivisionError("nothing to begin with")

    with pytest.raises(LabError, match=r"begin.*seed = 1.*nothing to begin with"):
        Training(
            begin, counting, dict, dict, Learning, training.stripes()._question,
            rate=LogSlider("rate", "r", 0.1, 1, 0.1), title="",
        )  # fmt: skip


def test_a_sweep_learns_on_the_side(make):
    lab = make().advance(10)
    before, shown = lab.step, repr(lab)
    stops = lab.sweep(n=1)
    assert len({record["count"] for _, record in stops}) == len(SPEEDS)
    assert all(record["seed"] == values["seed"] for values, record in stops)
    assert lab.step is before
    assert repr(lab) == shown


# What goes wrong on the way


def test_learning_that_runs_away_stops_in_words_and_keeps_the_last_good_step():
    kept = Step(Generative.zeros(9, 2), Recognition.zeros(9, 2), count=12)
    lab = probe(failing_at(13, Diverged(kept, "G is not finite")))
    with pytest.raises(LabError, match=r"step 12 is kept.*rate = 0\.01.*not finite.*Diverged"):
        lab.advance(40)
    assert lab.step is kept
    assert lab.record["counts"][-1] == 12
    assert lab.picture.startswith(PNG)
    assert lab.restart().advance(5).step.count == 5


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_rule_of_ones_own_that_runs_away_is_told_and_the_last_good_step_kept():
    def explodes(gen, rec, u, rng, rate):
        return (gen if rate < 1 else gen * 1e200), rec

    lab = training.stripes(rule=explodes).advance(5).set(rate=10.0)
    with pytest.raises(LabError, match=r"step 6 is kept.*rate = 10\.0.*finite"):
        lab.advance(5)
    assert lab.step.count == 6
    assert np.isfinite(lab.step.gen.ravel()).all()


@pytest.mark.parametrize(
    "returned",
    [
        None,
        "models",
        (Generative.zeros(9, 6),),
        (Recognition.zeros(9, 6), Generative.zeros(9, 6)),
        (Generative.zeros(9, 5), Recognition.zeros(9, 5)),
        (Generative.zeros(9, 6), Recognition.zeros(9, 5)),
    ],
)
def test_a_rule_that_returns_something_else_is_told(returned):
    lab = training.stripes(rule=lambda *given: returned)
    with pytest.raises(
        LabError, match=r"step 0 is kept.*the rule returned.*accepted: \(gen, rec\)"
    ):
        lab.advance()
    assert lab.step.count == 0


def test_a_rule_is_given_a_minibatch_the_generator_and_the_rate():
    seen = []

    def rule(gen, rec, u, rng, rate):
        seen.append((u, rng.random(), rate))
        return gen, rec

    lab = training.stripes(rule=rule).advance(3).set(rate=2.0).advance(1)
    assert [rate for _, _, rate in seen] == [0.5, 0.5, 0.5, 2.0]
    assert len({draw for _, draw, _ in seen}) == 4
    known = {tuple(row) for row in WORLD.u}
    for u, _, _ in seen:
        assert u.shape == (20, 9)
        assert {tuple(row) for row in u} <= known
    assert lab.step.gen == training.stripes().step.gen


def test_minibatches_of_a_rule_follow_the_weights_of_the_data():
    drawn = []

    def rule(gen, rec, u, rng, rate):
        drawn.extend(map(tuple, u))
        return gen, rec

    training.stripes(rule=rule).advance(500)
    share = np.array([drawn.count(tuple(row)) / len(drawn) for row in WORLD.u])
    error = np.sqrt(WORLD.weights * (1 - WORLD.weights) / len(drawn))
    assert (np.abs(share - WORLD.weights) < 4 * error).all()


def test_typed_delta_rules_learn_the_stripes():
    lab = training.stripes(rule=delta_rules).advance(1500)
    assert lab.record["log_likelihood"][-1] > lab.record["log_likelihood"][0] + 2


def test_an_interrupt_keeps_all_that_was_learnt():
    lab = probe(failing_at(33, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        lab.advance(100)
    assert lab.step.count == lab.record["count"] == lab.record["counts"][-1] == 32
    assert lab.picture.startswith(PNG)


@pytest.mark.parametrize(
    "sizes", [(9,), (8, 6), (9, 7), (9, 0), (9, 6, 2), (9, 6, 1, 1), (9, 2.5), ()]
)
def test_stripes_of_other_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="sizes are"):
        training.stripes(sizes)


# By messages


def test_hello_is_answered_with_where_the_controls_stand():
    front = Learner(probe())
    ((content, _),) = front.says(kind="hello")
    assert content["kind"] == "values"
    assert content["tokens"] == front.lab._tokens()
    front.says(kind="predict", prediction="no")
    assert front.lab.prediction == "no"


def test_one_request_has_one_answer_with_picture_and_words():
    front, other = Learner(training.stripes()), training.stripes()
    content, buffers = front.asks("step", steps=3)
    other.advance(3)
    assert same_step(front.lab.step, other.step)
    assert content["count"] == 3
    assert buffers == [front.lab.small_picture]
    assert (content["alt"], content["readout"]) == (front.lab.alt, front.lab.readout)
    assert content["tokens"] == front.lab._tokens()
    assert not content["over"]
    assert "error" not in content


def test_looking_learns_nothing_and_shows_the_page_asked_for():
    front = Learner(training.stripes().advance(10))
    light, dark = (front.asks("look", theme) for theme in THEMES)
    assert front.lab.step.count == 10
    assert light[1] == [front.lab.small_picture]
    assert light[1] != dark[1]
    assert (light[0]["theme"], dark[0]["theme"]) == ("light", "dark")


@pytest.mark.parametrize(("speed", "steps"), [(ONE, 1), (TEN, 10), (HUNDRED, 100)])
def test_play_makes_as_many_steps_as_the_speed_says(speed, steps):
    front, other = Learner(training.stripes()), training.stripes().advance(2 * steps)
    for k in (1, 2):
        content, _ = front.asks("play", speed=speed)
        assert content["count"] == k * steps
    assert same_step(front.lab.step, other.step)


def test_play_as_fast_as_it_can_learns_the_same():
    front = Learner(training.stripes())
    for _ in range(4):
        front.asks("play", speed=AS_FAST)
    assert front.lab.step.count > 4
    assert same_step(front.lab.step, training.stripes().advance(front.lab.step.count).step)


def test_play_stops_where_the_run_is_over():
    front = Learner(probe(most=150))
    answers = [front.asks("play", speed=HUNDRED)[0] for _ in range(3)]
    assert [answer["count"] for answer in answers] == [100, 150, 150]
    assert [answer["over"] for answer in answers] == [False, True, True]
    assert answers[1]["said"] == "The run is over after 150 steps. Restart begins anew."


def test_the_controls_of_a_request_are_followed():
    front = Learner(training.stripes())
    content, _ = front.asks("play", speed=TEN, rate=2.0, seed=4)
    assert front.lab.values == {"rate": 2.0, "seed": 4, "speed": TEN}
    assert content["said"] == "This run has seed 1; Restart begins anew with seed 4."
    assert same_step(front.lab.step, training.stripes().set(rate=2.0).advance(10).step)
    content, _ = front.asks("restart")
    assert (content["count"], content["said"]) == (0, "")
    assert same_step(front.lab.step, training.stripes().restart(4).step)


def test_an_error_is_answered_in_words_beside_the_picture_of_what_is_kept():
    front = Learner(probe(failing_at(7, ZeroDivisionError("nothing is left"))))
    content, buffers = front.asks("play", speed=TEN)
    assert "step 6 is kept" in content["error"]
    assert "nothing is left" in content["error"]
    assert content["count"] == 6
    assert buffers == [front.lab.small_picture]
    assert "error" not in front.asks("restart")[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokens": None},
        {"tokens": {}},
        {"theme": "sepia"},
        {"do": "step"},
        {"do": "step", "steps": 0},
        {"do": "step", "steps": 1001},
        {"do": "step", "steps": "3"},
        {"do": "step", "steps": 2.5},
        {"do": "dance"},
        {"do": None},
        {"theme": None},
        {"id": 7},
    ],
)
def test_whatever_is_wrong_a_request_gets_one_answer_in_words(wrong):
    front = Learner(probe())
    request = {"kind": "train", "id": "a", "do": "look", "theme": "light"}
    ((content, _),) = front.says(**(request | {"tokens": front.lab._tokens()} | wrong))
    assert content["kind"] in ("trained", "refused")
    assert content["error"]
    assert front.lab.step.count == 0


def test_learning_from_python_tells_every_open_view():
    front = Learner(probe())
    for action in (
        lambda lab: lab.advance(3), lambda lab: lab.restart(5), lambda lab: lab.set(rate=0.1)
    ):  # fmt: skip
        front.sent.clear()
        action(front.lab)
        assert front.sent[-1][0]["kind"] == "values"
        assert front.sent[-1][0]["tokens"] == front.lab._tokens()


def test_a_cell_and_a_view_may_learn_at_once():
    """Steps are neither lost nor mixed: so many steps of one seed give one machine."""
    lab = training.stripes()
    front = Learner(lab)
    gate = threading.Barrier(3)

    def work(action):
        gate.wait()
        for _ in range(20):
            action()

    actions = (
        lambda: lab.advance(7),
        lambda: lab._receive(lab, request, []),
        lambda: (lab.set(seed=3), lab.record, lab.picture),
    )
    request = {
        "kind": "train", "id": "a", "do": "step", "steps": 5, "theme": "dark",
        "tokens": lab._tokens(),
    }  # fmt: skip
    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert lab.step.count == 20 * 12
    assert same_step(lab.step, training.stripes().advance(240).step)
    assert not [content for content, _ in front.sent if "error" in content]


def test_the_pace_gives_learning_its_share():
    pace = live._Pace(Traffic())
    for rest in (0.001, 0.01, 0.03, 0.1, 1.0):
        pace.rest_seconds, pace.step_seconds = rest, 1e-4
        learns = pace.steps() * 1e-4
        assert learns / (learns + rest) > pace.share - 0.01
        assert learns + rest > pace.period - 0.001
    pace.step_seconds = 100.0
    assert pace.steps() == 1


def test_learning_steps_aside_while_another_lab_is_in_use():
    lab, other = training.stripes(), training.stripes()
    pace = lab._pace
    pace.traffic = other._traffic = Traffic()
    alone = pace.steps()
    other.send = lambda *message: None
    want = {"kind": "want", "id": "b/1", "theme": "light", "wants": [other._tokens()]}
    other._receive(other, want, [])
    assert pace.traffic.quiet() < 60
    pace.traffic.served()
    assert pace.steps() < alone / 3


def test_labs_of_a_kernel_share_their_traffic():
    assert training.stripes()._pace.traffic is training.stripes()._traffic


# What is measured and drawn, against slow loops


def test_what_is_measured_is_what_slow_loops_find():
    step = training.stripes((9, 3)).advance(200).step
    slow = {
        name: oracles.mean(lambda u, value=value: value(u), WORLD.u, WORLD.weights)
        for name, value in {
            "log_likelihood": lambda u: oracles.log_likelihood(step.gen, u),
            "free_energy": lambda u: oracles.free_energy(step.gen, step.rec, u),
            "kl_q_p": lambda u: oracles.kl_q_p(step.gen, step.rec, u),
            "kl_p_q": lambda u: oracles.kl_p_q(step.gen, step.rec, u),
        }.items()
    }
    slow["reversed_free_energy"] = slow["log_likelihood"] - slow["kl_p_q"]
    slow["dream_free_energy"] = oracles.dream_free_energy(
        step.gen, step.rec, WORLD.u, WORLD.weights
    )
    assert training.measured(step, WORLD.u, WORLD.weights) == pytest.approx(slow, rel=1e-9)


def test_dreams_too_many_to_list_are_left_out():
    assert "dream_free_energy" not in training.bars().record
    assert "dream_free_energy" not in training.digits().record
    assert "dream_free_energy" in training.stripes((9, 6, 1)).record


def test_what_each_cause_draws_alone():
    gen = Generative.random(np.random.default_rng(0), 9, 4)
    for a, picture in enumerate(training.drawn(gen)):
        alone = [float(b == a) for b in range(4)]
        x = oracles.drive(gen.G, gen.h, alone)
        assert picture == pytest.approx([oracles.f(value) for value in x], rel=1e-12)
    assert training.on_by_top(gen).shape == (0, 4)


def test_how_often_causes_are_on_under_each_cause_on_top():
    gen = Layered.random(np.random.default_rng(0), 4, 3, 2)
    assert training.drawn(gen).shape == (3, 4)
    for top, row in zip(((0, 0), (1, 0), (0, 1)), training.on_by_top(gen), strict=True):
        x = oracles.drive(gen.weights[1], gen.biases[1], top)
        assert row == pytest.approx([oracles.f(value) for value in x], rel=1e-12)


def test_a_dream_keeps_its_luck_and_a_true_one_is_counted():
    lab = training.stripes().advance(50)
    np.testing.assert_array_equal(lab.record["dreams"], lab._show(lab.step)["dreams"])
    known = {tuple(row) for row in WORLD.u}
    lab.advance(3000)
    dreams = [tuple(dream.ravel()) for dream in lab.record["dreams"]]
    assert lab.record["dreams_in_data"] == sum(dream in known for dream in dreams) > 3


def test_data_are_pictures_of_the_world(make):
    record = make().record
    assert record["data"].shape == record["dreams"].shape
    u = datasets.digits().test if record["data"].shape[1] == 8 else None
    u = {4: datasets.bars().u, 3: WORLD.u}.get(record["data"].shape[1], u)
    assert {tuple(picture.ravel()) for picture in record["data"]} <= set(map(tuple, u))


def test_weights_onto_the_bars_stay_at_0_or_above():
    lab = training.bars().set(rate=10.0).advance(2000)
    assert lab.step.gen.weights[0].min() >= 0
    assert lab.step.gen.weights[0].max() > 1
    free = training.bars(nonnegative=False, hidden_bias=0.0)
    assert set(free.step.gen.biases[1]) == {0.0}
    assert set(training.bars().step.gen.biases[1]) == {-3.0}
    assert free.advance(2000).step.gen.weights[0].min() < 0


@pytest.mark.parametrize("make", [training.stripes, training.bars])
def test_another_question_may_be_asked(make):
    other = Question("Does it learn?", ("yes", "no"), "yes", "It does.")
    assert make(question=other)._question == other
    assert make()._question != other


def test_the_recipe_of_the_bars_waits_with_the_top_and_comes_to_rest():
    early, late, end = (np.asarray(training.BARS_RATES(n)) for n in (100, 40_000, 99_999))
    assert early.tolist() == [0.5, 0.001]
    assert late.tolist() == [0.5, 0.1]
    assert (end < 1e-4).all()


# The questions have the answers that they give


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gap_on_the_stripes_grows_and_then_shrinks(seed):
    lab = training.stripes().restart(seed).advance(6000)
    kl = lab.record["kl_q_p"]
    assert kl[0] < 0.1
    assert kl.max() > 2 * kl[0]
    assert kl[-1] < kl.max() / 2


@pytest.mark.parametrize("seed", [1, 2])
def test_the_gap_on_the_digits_stays(seed):
    record = training.digits().restart(seed).advance(4000).record
    plateau = record["counts"] > 3000
    assert np.ptp(record["log_likelihood"][plateau]) < 0.3
    assert 0.1 < record["kl_q_p"][-1] < record["kl_q_p"].max()


def test_the_causes_of_the_bars_draw_one_bar_each_and_the_top_says_which_way():
    record = training.bars().advance(80_000).record
    bars, upright = set(), []
    for picture in record["drawn"] > 0.5:
        rows, columns = picture.all(axis=1), picture.all(axis=0)
        assert rows.sum() + columns.sum() == 1
        assert picture.sum() == 4
        bars.add((tuple(rows), tuple(columns)))
        upright.append(bool(columns.any()))
    assert len(bars) == 8
    with_top = record["on_by_top"][1] > record["on_by_top"][0]
    assert list(with_top) in (upright, [not up for up in upright])


# Pictures


def test_the_axis_of_steps_ends_at_a_round_number():
    ends = [horizon(n) for n in (0, 500, 501, 1001, 2000, 4999, 100_000, 100_001, 999_999)]
    assert ends == [500, 500, 1000, 2000, 2000, 5000, 100_000, 200_000, 1_000_000]


def test_the_axis_of_heights_reaches_down_to_where_L_has_been_lately():
    picture, record = LearningStripes(), dict(training.stripes().record)
    for lately, bottom in (
        ([-5, -5], -8.0), ([-9, -9], -16.0), ([-60, -5, -5, -5], -8.0), ([-1e9, -1e9], -2048.0),
        ([np.nan, np.nan], -8.0),
    ):  # fmt: skip
        curve = np.array(lately, dtype=float)
        record |= {"log_likelihood": curve, "counts": np.arange(len(curve))}
        assert picture.scale(record) == (500, bottom)


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_that_changed_its_scale_equals_a_fresh_one(make, theme):
    lab = make()
    moved, records = lab._draw(theme), []
    for steps in (100, 500, 500):
        records.append(lab.advance(steps).record)
        moved.png(records[-1])
    low = lab.record["log_likelihood"] - 80
    records.append(lab.record | {"log_likelihood": low})
    moved.png(records[-1])
    assert moved.scale(records[-1]) != moved.scale(records[-2])
    for record in (records[-1], records[0]):
        assert moved.png(record) == lab._draw(theme).png(record)


def test_words_follow_learning(make):
    lab = make()
    shown = [(lab.alt, lab.readout, lab.picture), None]
    lab.advance(50)
    shown[1] = lab.alt, lab.readout, lab.picture
    assert all(new != old for new, old in zip(*shown, strict=True))
    assert "50 steps" in lab.alt
    assert lab.readout.startswith("step 50, seed 1, rate ")
    for name in ("log_likelihood", "free_energy", "kl_q_p", "kl_p_q"):
        assert f"{lab.record[name][-1]:.3f}" in lab.readout
