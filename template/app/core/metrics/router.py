"""``/metrics``, for operators."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.core.metrics.metrics import Metrics
from app.core.operator_key import for_operators
from app.core.request import from_state

# Not part of the contract with clients.
metrics_router = APIRouter(dependencies=[for_operators], include_in_schema=False)

MetricsDep = Annotated[Metrics, from_state("metrics")]


@metrics_router.get("/metrics")
def get_metrics(metrics: MetricsDep, accept: Annotated[str, Header()] = "") -> Response:
    """Return all metrics, in the format that Prometheus asks for."""
    content, media_type = metrics.expose(accept)
    return Response(content, media_type=media_type)
