"""GET /v1/kinds: what kinds of records there are, and the shape of each."""

import inspect
import json

from flask import Blueprint, Response

from schemas.registry import Registry


def blueprint(registry: Registry) -> Blueprint:
    """Make the route. Its answer is the same for as long as the process lives."""
    routes = Blueprint("kinds", __name__)
    listing = json.dumps(
        {
            "kinds": [
                {
                    "name": record.kind,
                    "description": inspect.getdoc(record),
                    "schema": record.model_json_schema(mode="serialization"),
                }
                for record in registry
            ]
        },
        ensure_ascii=False,
    )

    @routes.get("/v1/kinds")
    def index() -> Response:
        return Response(listing, mimetype="application/json")

    return routes
