"""The extension's walk over the SDK's actions (semantics 2.2).

Not "schedule whatever is new": actions are invoked one after another, each awaited before the
next, while history comes in. That is why a fail-fast `task_all` schedules nothing more until its
other children end, and why a sticky event lets user code run ahead of its host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from wfsim.clock import to_us
from wfsim.history.jsontext import write, write_list_of
from wfsim.hub.context import OrchestrationFailure, ReplayContext
from wfsim.hub.entities import entity_id, parts_of
from wfsim.hub.futures import HostTask, spawn, when_all, when_any
from wfsim.workers.azure_functions.failures import orchestrator_failure
from wfsim.workers.azure_functions.reply import Action, Reply
from wfsim.workers.azure_functions.waits import ExternalEvents

__all__ = ["HTTP_ACTIVITY", "ClassicWalk", "Registry"]

HTTP_ACTIVITY = "BuiltIn::HttpActivity"
_STATUS_LIMIT = 16 * 1024
_FIRE_AT = "%Y-%m-%dT%H:%M:%S.%fZ"
_FULL = len("2000-01-01T00:00:00.000000Z")
_SCHEMAS = (1, 2)

Registry = Callable[[str, str], bool]
"""Says whether a function of a kind ("activity", …) and name exists; reports it if not."""


class ClassicWalk:
    """The walk of one reply.

    Args:
        name: The orchestrator, as it was started.
        reply: The SDK's answer.
        host: The host's machine, which hands out numbers and completes tasks.
        own_ids: Case-folded ids of the instance and its parent, which a child may not have.
        exists: Looks functions up.
        fail: Makes the failure of a reply on which the SDK itself broke.
        default_version: Version of children that are started without one.
    """

    def __init__(
        self,
        name: str,
        reply: Reply,
        host: ReplayContext,
        *,
        own_ids: frozenset[str],
        exists: Registry,
        fail: Callable[[BaseException], tuple[str, str]],
        default_version: str = "",
    ) -> None:
        self.reply = reply
        self.host = host
        self.custom_status: str | None = None
        self.position = -1
        """Index of the action that the host awaits now."""
        self._name = name
        self._own_ids = own_ids
        self._exists = exists
        self._fail = fail
        self._default_version = default_version
        self._is_at_end = False
        """Whether nothing is awaited but what the orchestrator may ask for next."""
        self._events = ExternalEvents()
        self._asked: dict[str, str] = {}
        """Whom the calls of entities went to, by the ids that their answers will carry."""
        self.result = HostTask()
        # The walk may complete while `spawn` still runs, so the outcome is copied, not replaced.
        spawn(self._run()).on_done(self._ended)

    @property
    def waiting_events(self) -> Sequence[str]:
        """Names of the external events that the host still waits for, and of entities called."""
        return [self._asked.get(name, name) for name in self._events.waiting]

    @property
    def runs_ahead(self) -> bool:
        """Whether user code has gone past the action at which the host stands."""
        more = self.position + 1 < len(self.reply.actions) or self.reply.is_done
        return not self.result.done and more

    def raise_event(self, name: str, payload: str | None) -> None:
        """Hand an external event to the walk."""
        self._events.arrive(name, payload)

    def go_on(self, reply: Reply) -> bool:
        """Take an answer that goes on where this one ended, and return whether that is possible.

        It is not where the whole walk would have gone otherwise, had it known the answer from its
        beginning: an action has changed, or the host had overtaken the orchestrator.
        """
        known = self.reply
        if reply.actions is not known.actions or not reply.is_labelled:
            return False
        has_more = self.position + 1 < len(reply.actions) or reply.is_done or reply.error
        if self._is_at_end and has_more:
            return False
        self.reply = reply
        if reply.custom_status != known.custom_status:
            self.custom_status = None
            try:
                self._prepare()
            except _HostArgumentError:
                return False
        return True

    def _ended(self, outcome: HostTask) -> None:
        if outcome.error is None:
            self.result.set_result(outcome.value)
        else:
            self.result.set_error(outcome.error)

    async def _run(self) -> str | None:
        first = self.reply
        if not first.is_labelled and first.exception is not None:
            reason, details = self._fail(first.exception)
            raise OrchestrationFailure(reason, details, error=first.exception)
        try:
            self._prepare()
            while self.position + 1 < len(self.reply.actions):  # more may come meanwhile
                self.position += 1
                task = self._invoke(self.reply.actions[self.position])
                try:  # noqa: SIM105 - there are many, and `suppress` takes longer than the rest
                    await task
                except Exception:  # noqa: BLE001, S110 - the host swallows it; the SDK acts on it
                    pass
        except _HostArgumentError as error:
            text, is_told = str(error), self.reply.error is not None
            reason = text if is_told else orchestrator_failure(self._name, text)[0]
            raise OrchestrationFailure(reason, text, error=error) from None
        reply = self.reply
        if reply.error is not None:
            reason, details = orchestrator_failure(self._name, reply.error)
            raise OrchestrationFailure(reason, details, error=reply.exception)
        if reply.is_done:
            return reply.output
        self._is_at_end = True
        await HostTask()  # for ever: the orchestrator waits for what comes next
        return None

    def _prepare(self) -> None:
        """Check the schema and set the custom status, before any action (semantics 2.13)."""
        if self.reply.schema not in _SCHEMAS:
            raise _HostArgumentError(
                f'The OOProc schema of of version "{self.reply.schema}" is unsupported by this '
                "durable-extension version."
            )
        if self.reply.custom_status is None:
            return
        text = write(self.reply.custom_status)
        if len(text.encode("utf-16-le")) > _STATUS_LIMIT:
            size = len(text.encode("utf-16-le")) / 1024
            raise _HostArgumentError(
                "The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current "
                f"payload size is {size:.2f} KB."
            )
        self.custom_status = text

    # --- actions ------------------------------------------------------------------------------

    def _invoke(self, action: Action) -> HostTask:
        kind = action["actionType"]
        invoke = _INVOKERS.get(kind)
        if invoke is None:
            raise _HostArgumentError(f"Unknown action type {kind!r}.")
        task: HostTask = getattr(self, invoke)(action)
        return task

    def _call_activity(self, action: Action) -> HostTask:
        name = action["functionName"]
        if not self._exists("activity", name):
            return HostTask.failed(_HostArgumentError(f"The function '{name}' doesn't exist."))
        return self.host.schedule_task(name, write_list_of(action["input"]))

    def _call_activity_with_retry(self, action: Action) -> HostTask:
        return spawn(self._retried(action, self._call_activity))

    def _call_child(self, action: Action) -> HostTask:
        name, instance_id = action["functionName"], action.get("instanceId")
        if not self._exists("orchestrator", name):
            return HostTask.failed(_HostArgumentError(f"The function '{name}' doesn't exist."))
        if instance_id and (instance_id.startswith("@") or instance_id.casefold() in self._own_ids):
            # The host throws inside an async method: the task fails and nobody looks at it.
            return HostTask.failed(_HostArgumentError(f"The id '{instance_id}' is not allowed."))
        return self.host.create_child(
            name,
            write(action["input"]),
            instance_id=instance_id,
            version=action.get("version") or self._default_version,
        )

    def _call_child_with_retry(self, action: Action) -> HostTask:
        return spawn(self._retried(action, self._call_child))

    async def _retried(self, action: Action, attempt: Callable[[Action], HostTask]) -> object:
        """Follow the host's interceptor: n failures make n timers (semantics 2.5)."""
        options: dict[str, Any] = action["retryOptions"]
        attempts = options["maxNumberOfAttempts"]
        interval_us = options["firstRetryIntervalInMilliseconds"] * 1000
        last: Exception | None = None
        for number in range(attempts):
            try:
                return await attempt(action)
            except _HostArgumentError:
                raise
            except Exception as error:  # noqa: BLE001 - any failure is retried, there is no filter
                last = error
            # After the last attempt the host still sets a timer, which is due at once: without
            # it the SDK's numbers would not line up.
            delay_us = interval_us if number + 1 < attempts else 0
            await self.host.create_timer(self.host.now_us + delay_us)
        if last is not None:
            raise last
        return None

    def _create_timer(self, action: Action) -> HostTask:
        task = self.host.create_timer(_instant_us(action["fireAt"]))
        if action.get("isCanceled"):
            self.host.cancel_timer(task)
        return task

    def _wait_event(self, action: Action) -> HostTask:
        return self._events.wait(action["externalEventName"])

    def _continue_as_new(self, action: Action) -> HostTask:
        self.host.continue_as_new(write(action["input"]))
        return HostTask.completed()

    def _call_http(self, action: Action) -> HostTask:
        return self.host.schedule_task(HTTP_ACTIVITY, write([write(action["httpRequest"])]))

    def _entity(self, action: Action) -> HostTask:
        target = str(action["instanceId"])
        is_signal = action["actionType"] == _SIGNAL_ENTITY
        parts = parts_of(target)
        if parts is None:
            raise _HostArgumentError(f"Invalid scheduler id '{target}'.")
        name, key = parts
        if not self._exists("entity", name):
            error = _HostArgumentError(f"The entity function '{name}' doesn't exist.")
            if is_signal:
                raise error  # a signal is sent synchronously, so the orchestration fails
            return HostTask.failed(error)
        target = entity_id(name, key)
        request_id = self.host.ask_entity(
            target, action["operation"], action["input"], is_signal=is_signal
        )
        if is_signal:
            return HostTask.completed()
        self._asked[request_id] = target
        return self._events.wait(request_id)

    def _when_all(self, action: Action) -> HostTask:
        return when_all([self._invoke(child) for child in action["compoundActions"]])

    def _when_any(self, action: Action) -> HostTask:
        children = [self._invoke(child) for child in action["compoundActions"]]
        return when_any(children) if children else HostTask.completed()


@lru_cache(maxsize=1024)
def _instant_us(text: str) -> int:
    # The SDK writes "Z" whatever the offset was; the host believes it (semantics 1.6).
    if len(text) == _FULL:
        return to_us(datetime.fromisoformat(text))  # a tenth of what `strptime` takes
    return to_us(datetime.strptime(text, _FIRE_AT).replace(tzinfo=UTC))


class _HostArgumentError(Exception):
    """The extension refuses an action."""


_SIGNAL_ENTITY = 9
_INVOKERS: Final[Mapping[int, str]] = {
    0: "_call_activity",
    1: "_call_activity_with_retry",
    2: "_call_child",
    3: "_call_child_with_retry",
    4: "_continue_as_new",
    5: "_create_timer",
    6: "_wait_event",
    7: "_entity",
    8: "_call_http",
    _SIGNAL_ENTITY: "_entity",
    11: "_when_any",
    12: "_when_all",
}
"""Who carries an action out, by the number of its type."""
