"""From the first switch to the end: promoted, rolled back, held; killed and resumed anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import OutputProblem, ReportProblem
from release_gate.subjects.canary.course import Ended, next_move, rounds_of
from release_gate.subjects.canary.machine import Machine
from release_gate.subjects.canary.record import Decided, Record, Round, from_bytes, to_bytes
from release_gate.subjects.canary.tables import gaps
from support.canaries import World, fresh, healthy, service, settings

pytestmark = pytest.mark.unit

TWO = [{"weight": 10, "hold": 60}, {"weight": 100, "hold": 40}]


def bad_from(count: int) -> World:
    return World(answer=service(lambda _step, done: done < count))


def decisions(record: Record) -> list[tuple[int, str, str]]:
    return [(one.step, one.choice, one.rule) for one in record.entries if isinstance(one, Decided)]


def test_a_healthy_canary_is_promoted_step_by_step() -> None:
    world = World()
    machine = world.machine(settings(steps=TWO))
    assert machine.run() == Ended(end="promoted", reason="every step was passed")
    assert [(name, weight) for name, weight, _ in world.done] == [
        ("set-weight", 10),
        ("set-weight", 100),
        ("promote", 100),
    ]
    assert decisions(machine.record) == [(0, "promote", "all"), (1, "promote", "all")]


@pytest.mark.release_check("E01", "green")
def test_a_step_of_weight_0_is_watched_before_any_traffic_is_switched() -> None:
    world = World()
    steps = [{"weight": 0, "hold": 30}, {"weight": 10, "hold": 600, "min-requests": 50}]
    machine = world.machine(settings(steps=steps))
    assert machine.run().end == "promoted"
    first = machine.record.entries[0]
    assert (isinstance(first, Round), world.actions) == (True, ["set-weight", "promote"])


@pytest.mark.release_check("E01", "red")
def test_a_new_set_that_is_ill_on_its_own_path_never_gets_traffic() -> None:
    world = bad_from(0)
    steps = [{"weight": 0, "hold": 30}, {"weight": 10, "hold": 600}]
    assert world.machine(settings(steps=steps)).run().end == "rolled-back"
    assert world.actions == ["rollback"]


@pytest.mark.release_check("E01", "red")
def test_a_hold_that_has_its_time_but_too_few_requests_is_not_promoted() -> None:
    world = World()
    steps = [{"weight": 10, "hold": 100, "min-requests": 3000, "deadline": 300}]
    machine = world.machine(settings(steps=steps))
    ended = machine.run()
    assert ended.end == "rolled-back"
    assert "31 of 3,000 requests were judged" in ended.reason
    assert decisions(machine.record) == [(0, "roll-back", "deadline")]


def test_what_is_open_at_the_deadline_is_held_where_that_is_configured() -> None:
    world = World()
    steps = [{"weight": 10, "hold": 100, "min-requests": 40, "deadline": 200}]
    machine = world.machine(settings(steps=steps, **{"at-deadline": "hold"}))
    assert machine.run().end == "held"
    assert world.actions == ["set-weight"]
    # Whoever resumes it gives it its deadline anew.
    assert machine.resume().end == "promoted"


@pytest.mark.release_check("E02", "red")
def test_three_failed_rounds_in_a_row_roll_back_at_once() -> None:
    world = bad_from(4)
    machine = world.machine(settings(steps=TWO))
    ended = machine.run()
    assert (ended.end, world.looked) == ("rolled-back", 7)
    assert world.actions == ["set-weight", "rollback"]


@pytest.mark.release_check("E02", "green")
def test_two_failed_rounds_that_recover_do_not() -> None:
    world = World(answer=service(lambda _step, done: done not in {2, 3}))
    assert world.machine(settings(steps=TWO)).run().end == "promoted"


def test_error_and_failure_in_turn_roll_back() -> None:
    world = World(answer=service(lambda _step, done: ("health", "orders")[done % 2]))
    assert world.machine(settings()).run().end == "rolled-back"


def test_a_switch_that_fails_rolls_back() -> None:
    world = World(works=lambda intent: intent.action != "set-weight")
    ended = world.machine(settings()).run()
    assert (ended.end, world.actions) == ("rolled-back", ["set-weight", "rollback"])
    assert ended.reason == "set-weight failed: exit code 1"


def test_a_promotion_that_fails_rolls_back() -> None:
    world = World(works=lambda intent: intent.action != "promote")
    ended = world.machine(settings()).run()
    assert (ended.end, world.actions) == ("rolled-back", ["set-weight", "promote", "rollback"])


def test_a_rollback_that_fails_is_its_own_end() -> None:
    world = bad_from(0)
    world.works = lambda intent: intent.action != "rollback"
    ended = world.machine(settings()).run()
    assert ended == Ended(end="rollback-failed", reason="the rollback itself failed: exit code 1")


def test_a_watch_without_a_rollback_trips() -> None:
    world = bad_from(0)
    machine = world.machine(settings(rollback=None), fresh(command="watch"))
    assert (machine.run().end, world.actions) == ("tripped", ["set-weight"])


@pytest.mark.release_check("E07", "green")
@pytest.mark.parametrize(
    ("choice", "end", "actions"),
    [
        ("roll-back", "rolled-back", ["set-weight", "rollback"]),
        ("hold", "held", ["set-weight"]),
    ],
)
def test_an_interrupt_is_decided_and_written(choice: str, end: str, actions: list[str]) -> None:
    world = World()
    world.answer = _stopping_at(world, 3)
    machine = world.machine(settings(**{"on-interrupt": choice}))
    assert (machine.run().end, world.actions) == (end, actions)
    assert decisions(world.saved[-1]) == [(0, choice, "interrupt")]


def test_a_watch_that_is_interrupted_is_held() -> None:
    world = World()
    world.answer = _stopping_at(world, 3)
    machine = world.machine(settings(), fresh(command="watch"))
    assert (machine.run().end, world.actions) == ("held", ["set-weight"])


def test_a_rollback_that_is_decided_is_finished_in_spite_of_an_interrupt() -> None:
    world = bad_from(0)

    def works(intent: Any) -> bool:
        world.stopped = True
        return bool(intent)

    world.works = works
    machine = world.machine(settings(**{"set-weight": None, "on-interrupt": "hold"}))
    assert (machine.run().end, world.actions) == ("rolled-back", ["rollback"])


def _stopping_at(world: World, count: int) -> Any:
    good = healthy()

    def look(step: int, done: int) -> Round:
        world.stopped = done >= count
        return good(step, done)

    return look


def test_time_in_which_nobody_watched_is_not_part_of_the_hold() -> None:
    world = World()
    first = world.machine(settings())
    states = _states(first)
    halfway = next(one for one in states if len(one.entries) == 7)
    later = World()
    later.time.seconds = 50_000
    machine = later.machine(settings(), halfway)
    assert machine.resume().end == "promoted"
    # A gap of hours counts as one interval: as many rounds are asked as without it.
    assert later.looked + 5 == world.looked
    found = tuple(gaps(rounds_of(machine.record.entries), 10))
    assert found == (("2026-01-02T03:04:45+00:00", "2026-01-02T16:57:25+00:00"),)


COURSES = st.lists(st.sampled_from([True, True, True, "health", "orders"]), min_size=1, max_size=40)


@given(course=COURSES, kill=st.integers(min_value=0, max_value=60))
def test_whatever_the_service_does_a_promotion_is_earned_and_a_kill_changes_nothing(
    course: list[bool | str], kill: int
) -> None:
    chosen = settings(steps=TWO, rules={"failure-rate": 25, "least": 5, "window": 10})

    def at(rounds: int) -> World:
        return World(answer=service(lambda _step, done: course[(rounds + done) % len(course)]))

    whole = at(0).machine(chosen)
    ended = whole.run()
    assert ended.end in {"promoted", "rolled-back"}
    for place, entry in enumerate(whole.record.entries):
        if isinstance(entry, Decided) and entry.choice == "promote":
            every = [one for one in whole.record.entries[:place] if isinstance(one, Round)]
            here = [one for one in every if one.step == entry.step]
            assert here[-1].canary.passed
            assert here[-1].held_s >= chosen.steps[entry.step].hold_s
            assert len(here) >= 5
    known = whole.record.entries[:kill]
    # The service goes on from where it was, whoever asks.
    resumed = at(sum(isinstance(one, Round) for one in known)).machine(chosen, fresh(entries=known))
    assert (resumed.resume(), decisions(resumed.record)) == (ended, decisions(whole.record))


def _states(machine: Machine) -> list[Record]:
    saved: list[Record] = []
    outside = machine._outside
    object.__setattr__(outside, "save", saved.append)
    machine.run()
    return saved


SCENARIOS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "healthy": ({"steps": TWO}, healthy(), "promoted"),
    "ill from the start": ({"steps": TWO}, service(lambda _s, _n: False), "rolled-back"),
    "ill in the second step": ({"steps": TWO}, service(lambda s, _n: s == 0), "rolled-back"),
    "too few requests": (
        {"steps": [{"weight": 5, "hold": 50, "min-requests": 99}]},
        healthy(),
        "rolled-back",
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("outcome_lost", [False, True], ids=["after writing", "before writing"])
def test_killed_at_every_transition_and_resumed_it_decides_the_same(
    name: str, outcome_lost: bool
) -> None:
    changes, answer, end = SCENARIOS[name]
    chosen = settings(**changes)
    whole = World(answer=answer)
    machine = whole.machine(chosen)
    assert machine.run().end == end
    expected = decisions(machine.record)
    entries = machine.record.entries
    for count in range(len(entries) + 1):
        # Killed before writing: what came of the last move is not known.
        known = entries[: max(0, count - 1)] if outcome_lost else entries[:count]
        killed = from_bytes(to_bytes(fresh(entries=known)))
        again = World(answer=answer)
        resumed = again.machine(chosen, killed)
        assert resumed.resume().end == end
        assert decisions(resumed.record) == expected


def test_an_action_whose_end_nobody_knows_is_done_again_with_its_key() -> None:
    world = World()
    machine = world.machine(settings())
    machine.run()
    killed = fresh(entries=machine.record.entries[:1])
    again = World()
    again.machine(settings(), killed).resume()
    assert again.done[0] == world.done[0]


def test_abort_rolls_back_whatever_was_decided() -> None:
    world = World()
    machine = world.machine(settings())
    machine.run()
    for count in range(len(machine.record.entries)):
        killed = fresh(entries=machine.record.entries[:count])
        if isinstance(next_move(settings(), killed.entries), Ended):
            continue
        other = World()
        assert other.machine(settings(), killed).abort("by hand").end == "rolled-back"
        assert other.actions == ["rollback"]


@pytest.mark.release_check("E07", "red")
def test_a_state_that_cannot_be_written_is_rolled_back_and_said() -> None:
    world = World()
    full = OutputProblem("state.json cannot be written: No space left on device")

    def save(record: Record) -> None:
        if len(record.entries) > 3:
            raise full

    outside = world.outside()
    object.__setattr__(outside, "save", save)
    with pytest.raises(OutputProblem, match=r"No space left.*; it was rolled back"):
        Machine(settings(), fresh(), outside).run()
    assert world.actions == ["set-weight", "rollback"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b'{"version":1', "cannot be read"),
        (b'{"version":2}', "version 2, not 1"),
        (b'{"version":1}', "missing required field"),
        (to_bytes(fresh()).replace(b'"run"', b'"walk"', 1), "unknown field"),
    ],
)
def test_a_state_file_that_is_not_whole_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ReportProblem, match=said):
        from_bytes(content)
