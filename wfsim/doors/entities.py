"""Handles of entities: what they hold, and what a test may ask of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from wfsim.doors.http import DEFAULT_TIMEOUT
from wfsim.errors import FunctionFailed, UsageError
from wfsim.history.jsontext import JsonValue, parse, write
from wfsim.hub import entities
from wfsim.hub.worker import EntityResult
from wfsim.workers.azure_functions import dump_input

if TYPE_CHECKING:
    from wfsim.world import World

__all__ = ["EntityHandle"]

Duration = timedelta | str


class EntityHandle:
    """One entity, whether it exists or not."""

    def __init__(self, world: World, name: str, key: str) -> None:
        self._world = world
        self.name = name.lower()
        self.key = key

    def __repr__(self) -> str:
        state = repr(self.state) if self.exists else "does not exist"
        return f"<EntityHandle {self.entity_id}: {state}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EntityHandle):
            return NotImplemented
        return self._world is other._world and self.entity_id == other.entity_id

    def __hash__(self) -> int:
        return hash((id(self._world), self.entity_id))

    @property
    def entity_id(self) -> str:
        """Its id, such as "@counter@a"; names are lower-cased as the host does."""
        return entities.entity_id(self.name, self.key)

    @property
    def exists(self) -> bool:
        """Whether it has a state that was saved."""
        entity = entities.find_entity(self._world.hub, self.name, self.key)
        return entity is not None and entity.exists

    @property
    def state(self) -> JsonValue:
        """Its state after the last batch that was saved; None if it does not exist."""
        entity = entities.find_entity(self._world.hub, self.name, self.key)
        return parse(entity.state) if entity is not None and entity.exists else None

    def signal(
        self,
        operation: str,
        input: object = None,  # noqa: A002 - the field's name
        *,
        via: str = "orchestrator",
    ) -> None:
        """Send an operation and wait for nothing; it runs when the simulation does.

        Args:
            operation: What it shall do.
            input: What `context.get_input()` returns there.
            via: "orchestrator" always sends the input, as orchestrators do; "client" drops an empty
                one, such as 0, as the Python client does, and then `get_input()` raises.

        Raises:
            UsageError: the input is not JSON, or `via` is neither.
        """
        self._world.require_open()
        if via not in {"orchestrator", "client"}:
            raise UsageError(f"via={via!r} must be 'orchestrator' or 'client'.")
        payload: str | None = self._encode(operation, input)
        if via == "client" and not input:
            payload = None
        entities.signal(self._world.hub, self.name, self.key, operation, payload)

    def call(
        self,
        operation: str,
        input: object = None,  # noqa: A002
        *,
        timeout: Duration = DEFAULT_TIMEOUT,
    ) -> JsonValue:
        """Send an operation and let time pass until its result is there.

        From inside the simulation, as in `sim.at("2h", counter.call, "add", 1)`, nobody may move
        time: then this returns None at once.

        Args:
            operation: What it shall do.
            input: See `signal`.
            timeout: The most virtual time to wait.

        Returns:
            What the operation gave `context.set_result`.

        Raises:
            FunctionFailed: the operation raised, and its exception is chained; or it was not done
                in time.
            UsageError: the input is not JSON.
        """
        world = self._world
        world.require_open()
        answers: list[EntityResult] = []
        payload = self._encode(operation, input)
        entities.call(world.hub, self.name, self.key, operation, payload, answers.append)
        if world.is_moving:
            return None
        world.wait_for(lambda: bool(answers), f"{operation!r} of {self.entity_id}", timeout=timeout)
        result = answers[0]
        if result.is_error:
            raise FunctionFailed(
                f"{operation!r} of {self.entity_id} failed: {parse(result.text)}"
            ) from result.error
        return parse(result.text)

    def _encode(self, operation: str, value: object) -> str:
        if not isinstance(operation, str) or not operation:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"An operation has a name, but this is {operation!r}.")
        try:
            return write(dump_input(value))
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"The input {value!r} of {operation!r} is not JSON: {error}."
            ) from None
