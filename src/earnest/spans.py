"""Spans for OpenTelemetry: how long requests and errands take, beside what else the operator's tools trace.

There are none unless the extra is installed (`earnest[otel]`) and ENDPOINTS say where they go. A span holds routes,
numbers and kinds of errors: no answer, no name, no address, and no error's message, which may quote an answer.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

logger = logging.getLogger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


@cache
def tracer() -> "Tracer | None":
    """What makes spans and sends them; None where nobody wants any."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        logger.warning(
            "%s is set, but nothing is traced; install opentelemetry-sdk and "
            "opentelemetry-exporter-otlp-proto-http (the extra `otel`)",
            ENDPOINTS[0],
        )
        return None
    name = os.environ.get("OTEL_SERVICE_NAME", "earnest")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("earnest")


@contextmanager
def span(name: str, attributes: Mapping[str, str | int], *, caller: str | None = None) -> "Iterator[Span | None]":
    """Trace what the block does, where anything is traced.

    Args:
        name: One of few.
        attributes: What the span tells.
        caller: The `traceparent` of a request, to whose span this one belongs; None for what is no request.
    """
    own = tracer()
    if own is None:
        yield None
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    with own.start_as_current_span(
        name,
        attributes=attributes,
        kind=SpanKind.INTERNAL if caller is None else SpanKind.SERVER,
        context=TraceContextTextMapPropagator().extract({"traceparent": caller or ""}),
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            note_fault(begun, type(error).__name__)
            raise


def note_fault(begun: "Span", kind: str) -> None:
    """Note what kind of error it was that a span ends with."""
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    begun.set_attribute("error.type", kind)
    begun.set_status(StatusCode.ERROR)
