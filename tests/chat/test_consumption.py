"""Which turn answers which request, against a naive model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.chat.support import run, user
from wfsim.chat import Script, ScriptedChatClient, ScriptError, When

TOPICS = ("rain", "snow", "sun")


class ListMachine(RuleBasedStateMachine):
    """A list answers in order, and then no more."""

    @initialize(turns=st.lists(st.text("ab", max_size=2), max_size=4))
    def begin(self, turns: list[str]) -> None:
        self.turns = turns
        self.client = ScriptedChatClient(turns)
        self.asked = 0

    @rule(stream=st.booleans())
    def ask(self, stream: bool) -> None:
        async def answer() -> str:
            if stream:
                reply: Any = await self.client.get_response(
                    user("Hi"), stream=True
                ).get_final_response()
            else:
                reply = await self.client.get_response(user("Hi"))
            text: str = reply.messages[0].text
            return text

        self.asked += 1
        if self.asked <= len(self.turns):
            assert run(answer()) == self.turns[self.asked - 1]
        else:
            with pytest.raises(ScriptError, match=f"no turn left for request {self.asked}"):
                run(answer())

    @invariant()
    def everything_is_kept(self) -> None:
        script = self.client.script
        assert [request.number for request in script.requests] == [*range(1, self.asked + 1)]
        assert len(script.problems) == max(0, self.asked - len(self.turns))
        assert len(script.unused()) == max(0, len(self.turns) - self.asked)

    @invariant()
    def it_verifies_exactly_when_all_is_used_and_nothing_missed(self) -> None:
        assert _verifies(self.client.script) == (self.asked == len(self.turns))


class RuleMachine(RuleBasedStateMachine):
    """The first rule that holds and is not used up answers."""

    @initialize(
        rules=st.lists(
            st.tuples(st.sampled_from([*TOPICS, "*"]), st.none() | st.integers(1, 3)), max_size=4
        )
    )
    def begin(self, rules: list[tuple[str, int | None]]) -> None:
        self.left = [float("inf") if count is None else count for _, count in rules]
        self.used = [False] * len(rules)
        self.topics = [topic for topic, _ in rules]
        self.missed = 0
        self.client = ScriptedChatClient(
            [
                When(topic, f"{index}" if count is None else [f"{index}"] * count)
                for index, (topic, count) in enumerate(rules)
            ]
        )

    @rule(topic=st.sampled_from(TOPICS))
    def ask(self, topic: str) -> None:
        chosen = next(
            (
                index
                for index, name in enumerate(self.topics)
                if name in {topic, "*"} and self.left[index]
            ),
            None,
        )
        if chosen is None:
            self.missed += 1
            with pytest.raises(ScriptError):
                run(self.client.get_response(user(f"Is there {topic.upper()}?")))
            return
        self.left[chosen] -= 1
        self.used[chosen] = True
        answer = run(self.client.get_response(user(f"Is there {topic.upper()}?")))
        assert answer.messages[0].text == f"{chosen}"

    @invariant()
    def it_verifies_exactly_when_all_is_used_and_nothing_missed(self) -> None:
        complete = all(used and left in {0, float("inf")} for used, left in self._state())
        assert _verifies(self.client.script) == (complete and not self.missed)

    def _state(self) -> list[tuple[bool, float]]:
        return list(zip(self.used, self.left, strict=True))


def _verifies(script: Script) -> bool:
    try:
        script.verify()
    except ScriptError:
        return False
    return True


TestList = pytest.mark.slow(ListMachine.TestCase)
TestRules = pytest.mark.slow(RuleMachine.TestCase)
TestList.settings = TestRules.settings = settings(max_examples=30, stateful_step_count=12)
