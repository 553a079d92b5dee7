"""The Gateway manifest: where the broker's gateway listens, and how fast we talk to it."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from reconciler.manifests.base import Manifest, Section, example
from reconciler.manifests.scalars import Host, whole


class GatewaySpec(Section):
    """An IB Gateway or Trader Workstation with its API enabled."""

    host: Host = Field(
        default="127.0.0.1", description="Where the gateway listens.", examples=["127.0.0.1", "gateway.internal"]
    )
    port: Annotated[int, whole(at_least=1, at_most=65535)] = Field(
        default=4002,
        description=(
            "The API's port: 4002 for a paper IB Gateway, 4001 for a live one, 7497 and 7496 for Trader Workstation."
        ),
        examples=[4002, 4001],
    )
    client_id: Annotated[int, whole(at_least=1, at_most=1_000_000)] = Field(
        default=10,
        description=(
            "The API client id that `apply` uses. Orders belong to the client that sent them, so keep it the same "
            "from run to run. Commands that only read take the next ids."
        ),
        examples=[10],
    )
    messages_per_second: Annotated[int, whole(at_least=1, at_most=50)] = Field(
        default=50,
        description="How many messages are sent in a second at most. The broker refuses more than 50.",
        examples=[50],
    )


class Gateway(Manifest):
    """Where the broker's gateway listens, and how fast we talk to it."""

    model_config = ConfigDict(json_schema_extra=example("Gateway", "local", {"host": "127.0.0.1", "port": 4002}))

    kind: Literal["Gateway"] = Field(description="Which kind of manifest this is.")
    spec: GatewaySpec = Field(default_factory=GatewaySpec, description="The gateway's address and pace.")
