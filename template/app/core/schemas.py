"""Base classes and types of request and response bodies."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# PostgreSQL cannot store the NUL character.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]

# A field of a PATCH body that may be left out, which is not the same as null. A plain
# default would promise clients in the OpenAPI document that it is set to that.
Unchanged: Any = Field(default_factory=lambda: None)


class RequestSchema(BaseModel):
    """What clients send; fields it does not name are refused."""

    model_config = ConfigDict(extra="forbid")


class ResponseSchema(BaseModel):
    """What clients receive, read from the attributes of a model."""

    model_config = ConfigDict(from_attributes=True)
