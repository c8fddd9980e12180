"""Measures every request by route, and tells Prometheus: requests, jobs, the ledger. For loopback or a token only."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from secrets import token_hex
from time import perf_counter
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from helmdesk.config.logs import request_id

log = logging.getLogger("helmdesk.request")

BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
GIVEN_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})

requests = Counter("helmdesk_requests", "Requests answered", ["route", "method", "status"])
seconds = Histogram("helmdesk_request_seconds", "How long answers took", ["route"], buckets=BUCKETS)


def measure(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The outermost middleware: names the request, measures it, and writes its one line in the log."""

    def measured(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        name = given if GIVEN_ID.fullmatch(given) else token_hex(8)
        mark = request_id.set(name)
        begun = perf_counter()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = name
            tell(request, response.status_code, seconds_taken=perf_counter() - begun)
        finally:
            request_id.reset(mark)
        return response

    return measured


def tell(request: HttpRequest, status: int, *, seconds_taken: float) -> None:
    route, method = route_of(request), request.method if request.method in METHODS else "other"
    requests.labels(route, method, status).inc()
    seconds.labels(route).observe(seconds_taken)
    who = getattr(request, "_cached_user", None)
    log.info(
        "request",
        extra={
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds_taken * 1000, 1),
            "account": getattr(who, "pk", None),
        },
    )


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(request: HttpRequest) -> str:
    """The name of the route, never the path: a path may hold a token."""
    match = request.resolver_match
    if match is None:
        return "unmatched"
    return match.view_name or match.route


class Desk(Collector):
    """What the database knows, asked when Prometheus asks."""

    def collect(self) -> Iterator[Metric]:
        from helmdesk.config import hearing
        from helmdesk.foundation.jobs import queue
        from helmdesk.foundation.time import now

        try:
            close_old_connections()
            load, head = queue.load(at=now()), hearing.head()
        except DatabaseError:
            yield GaugeMetricFamily("helmdesk_database_up", "Whether the database answers", value=0)
            return
        yield GaugeMetricFamily("helmdesk_database_up", "Whether the database answers", value=1)
        yield GaugeMetricFamily("helmdesk_jobs_waiting", "Jobs that wait", value=load.waiting)
        yield GaugeMetricFamily("helmdesk_jobs_running", "Jobs under way", value=load.running)
        yield GaugeMetricFamily("helmdesk_jobs_dead", "Jobs given up", value=load.dead)
        yield GaugeMetricFamily("helmdesk_jobs_oldest_seconds", "How late the oldest job is", value=load.oldest_seconds)
        yield GaugeMetricFamily("helmdesk_ledger_seq", "The last event of the ledger", value=head)


def exposition() -> tuple[int, str, bytes]:
    """Every process's counts, and the desk's own figures, in Prometheus's text format."""
    import os

    from prometheus_client import REGISTRY
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    own = CollectorRegistry()
    own.register(Desk())
    return 200, "text/plain; version=0.0.4; charset=utf-8", generate_latest(registry) + generate_latest(own)


def may_read(scope: Mapping[str, Any]) -> bool:
    """A bearer of the token; without a token set, only this machine, and nobody through a proxy on it."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if settings.HELMDESK_METRICS_TOKEN:
        given = headers.get(b"authorization", b"").decode("latin-1")
        return constant_time_compare(given, f"Bearer {settings.HELMDESK_METRICS_TOKEN}")
    address = (scope.get("client") or ("",))[0]
    return not FORWARDED & headers.keys() and is_loopback(address)


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
