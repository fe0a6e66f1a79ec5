"""A load of our own, from the first request to the evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from release_gate.errors import Interrupted, ToolProblem
from release_gate.model import Artifact, Evidence, Examined, Fact, Limitation, Metric, Table
from release_gate.ports import Context
from release_gate.subjects.http.settings import LOCAL, HttpSettings
from release_gate.subjects.load import compare, figures, stored
from release_gate.subjects.load.generator import Load, fire
from release_gate.subjects.load.sample import Sample, lag_us, sample
from release_gate.subjects.load.schedule import length_us, schedule
from release_gate.subjects.load.sending import Volley
from release_gate.subjects.load.settings import LoadSettings, Versus
from release_gate.subjects.load.target import Opened, forbidden, opened
from release_gate.subjects.probes.durations import seconds

_LEAST_COMPARED = 100
_MOST_FAILING = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What came of a comparison: numbers, or why there are none."""

    metrics: tuple[Metric, ...] = ()
    tables: tuple[Table, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    data: tuple[Fact, ...] = ()


def run(ctx: Context, settings: LoadSettings) -> Evidence:
    """Send the load, and tell what came of it.

    Raises:
        ToolProblem: If there is no target, or the requests may not be sent there.
        Interrupted: If the run was ended meanwhile.
    """
    if ctx.deployment is None or ctx.deployment.target is None:
        raise ToolProblem("no environment with a target was chosen", remedy="Use --environment.")
    if (why := forbidden(ctx, settings.sent)) is not None:
        raise ToolProblem(why, remedy="Set allow-writes = true in its table, or send no writes.")
    service = opened(ctx)
    try:
        volley = fire(
            _load(service, settings),
            stopping=ctx.stopping,
            progress=lambda sent: ctx.progress(f"{sent:,} requests sent"),
        )
    finally:
        service.origins.close()
    if volley.stopped:
        raise Interrupted("the run was ended while the load was being sent")
    return service.hidden.cleaned(evidence(ctx, settings, volley))


def _load(service: Opened, settings: LoadSettings) -> Load:
    arms = [settings.sent]
    if settings.versus and settings.versus.control:
        arms.append(tuple(_moved(one, settings.versus.control) for one in settings.sent))
    return Load(
        planned=schedule(settings.plan(), settings.arms),
        send=[service.sender(requests, settings.statuses) for requests in arms],
        budget_s=seconds(settings.timeout, "timeout"),
        cap=settings.in_flight,
    )


def _moved(request: HttpSettings, control: str) -> HttpSettings:
    if request.path is None:
        raise ToolProblem("versus.control: a request with a url of its own has no control")
    return msgspec.structs.replace(request, path=None, url=control.rstrip("/") + request.path)


def evidence(ctx: Context, settings: LoadSettings, volley: Volley) -> Evidence:
    """What was sent, as evidence.

    Args:
        ctx: For the artifact and the stored run.
        settings: Of the gate.
        volley: Everything that was sent.
    """
    measured = _sample(volley, settings, arm=0)
    limitations = [*_limitations(ctx, settings, volley)]
    if not measured.count:
        limitations.append(Limitation(name="no-samples", detail="no request was sent"))
        return Evidence(examined=Examined(unit="requests", count=0), limitations=tuple(limitations))
    run_now = _stored(ctx, settings, measured)
    compared = _compared(ctx, settings, volley, run_now)
    found = figures.figures(measured, settings.aims())
    return Evidence(
        examined=Examined(unit="requests", count=measured.count),
        metrics=(*found, _lag(volley), *compared.metrics),
        limitations=(*limitations, *compared.limitations),
        tables=(figures.table(found), figures.outcomes(measured), *compared.tables),
        artifacts=(_artifact(ctx, run_now),),
        notes=(f"{measured.count:,} requests, {settings.offered:g}/s, open loop",),
        data=compared.data,
    )


def _sample(volley: Volley, settings: LoadSettings, arm: int) -> Sample:
    return sample(
        volley,
        arm=arm,
        budget_us=round(seconds(settings.timeout, "timeout") * 1e6),
        planned_us=length_us(settings.plan()),
    )


def _lag(volley: Volley) -> Metric:
    return Metric(name="generator-lag", value=lag_us(volley.shots) / 1000, unit="ms")


def _limitations(ctx: Context, settings: LoadSettings, volley: Volley) -> Iterator[Limitation]:
    most = seconds(settings.max_lag, "max-lag") * 1000
    if volley.shots and (lag := lag_us(volley.shots) / 1000) > most:
        detail = f"the generator was starved: requests were sent up to {lag:g} ms late"
        yield Limitation(name="generator-starved", detail=f"{detail}, {most:g} are allowed")
    if volley.held_back or volley.unsent:
        detail = f"{volley.held_back:,} requests had to wait until fewer were in flight"
        never = f", {volley.unsent:,} were never sent" if volley.unsent else ""
        yield Limitation(name="in-flight-cap", detail=f"{detail} than {settings.in_flight}{never}")
    local = ctx.deployment is not None and ctx.deployment.name == LOCAL
    if not local and not all(request.verify for request in settings.sent):
        detail = "a certificate was not verified (verify = false)"
        yield Limitation(name="tls-not-verified", detail=detail)


def _stored(ctx: Context, settings: LoadSettings, measured: Sample) -> stored.StoredRun:
    target = ctx.deployment.target if ctx.deployment else None
    return stored.StoredRun(
        format="release-gate-load/1",
        target=target or "",
        requests=tuple(f"{one.method} {one.path or one.url}" for one in settings.sent),
        steps=tuple((str(step.rate), str(step.duration_s)) for step in settings.plan()),
        timeout_us=round(seconds(settings.timeout, "timeout") * 1e6),
        machine=stored.this_machine(settings.machine),
        started_at=ctx.clock.now().isoformat(),
        version=None,
        elapsed_us=max(measured.elapsed_us, 1),
        failed=measured.failed,
        outcomes=dict(measured.outcomes),
        latencies_us=measured.latencies_us,
    )


def _artifact(ctx: Context, run_now: stored.StoredRun) -> Artifact:
    content = stored.written(run_now)
    (ctx.artifacts / stored.NAME).write_bytes(content)
    return Artifact(
        path=f"artifacts/{ctx.gate_id}/{stored.NAME}",
        media_type="application/json",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def _compared(
    ctx: Context, settings: LoadSettings, volley: Volley, run_now: stored.StoredRun
) -> Compared:
    versus = settings.versus
    if versus is None:
        return Compared()
    if versus.control:
        control = _sample(volley, settings, arm=1)
        return _against(settings, versus, run_now.sample(), control, "control-unreachable")
    try:
        content = (ctx.project.root / versus.baseline).read_bytes()
    except OSError as error:
        detail = f"the stored run {versus.baseline} cannot be read: {error.strerror}"
        return _not_compared("no-load-baseline", detail)
    then = stored.read(content, versus.baseline)
    if differences := list(stored.unlike(run_now, then)):
        detail = f"{versus.baseline} cannot be compared: {'; '.join(differences)}"
        return _not_compared("unlike-load-baseline", detail)
    digest = Fact(name="stored run", value=hashlib.sha256(content).hexdigest())
    found = _against(settings, versus, run_now.sample(), then.sample(), "unlike-load-baseline")
    return replace(found, data=(digest,))


def _against(
    settings: LoadSettings, versus: Versus, now: Sample, then: Sample, name: str
) -> Compared:
    if min(now.count, then.count) < _LEAST_COMPARED:
        return _not_compared(name, f"fewer than {_LEAST_COMPARED} requests on one side")
    if then.failed >= _MOST_FAILING * then.count:
        detail = f"what the release is compared with failed in {then.failed:,} of {then.count:,}"
        return _not_compared(name, f"{detail} requests")
    found = compare.compare(
        now,
        then,
        seed=settings.seed,
        floor=versus.error_floor / 100,
        limits=versus.ratios(),
    )
    return Compared(metrics=found.metrics, tables=(found.table,))


def _not_compared(name: str, detail: str) -> Compared:
    return Compared(limitations=(Limitation(name=name, detail=detail),))
