"""The inbox: facts come from any thread and leave in the order they came."""

from __future__ import annotations

import asyncio
import threading

from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.engine.inbox import Inbox


def _answer(number: int, who: str = "tester") -> OperatorDecided:
    return OperatorDecided(ProposalId(f"P{number}"), Answer.APPROVE, who)


def test_facts_leave_in_the_order_they_came_with_their_causes() -> None:
    inbox = Inbox()
    inbox.admit(_answer(1), 7)
    inbox.admit(_answer(2))
    assert inbox.take() == (_answer(1), 7)
    assert inbox.take() == (_answer(2), None)
    assert inbox.take() is None


def test_facts_of_other_threads_wake_the_loop_and_none_is_lost() -> None:
    each, threads = 200, 4

    async def collect() -> list[OperatorDecided]:
        inbox = Inbox()
        inbox.attach(asyncio.get_running_loop())

        def send(who: str) -> None:
            for number in range(each):
                inbox.admit(_answer(number, who))

        senders = [threading.Thread(target=send, args=(f"T{n}",)) for n in range(threads)]
        for sender in senders:
            sender.start()
        found: list[OperatorDecided] = []
        while len(found) < each * threads:
            waiting = inbox.take()
            if waiting is None:
                await asyncio.wait_for(inbox.wake.wait(), 5)
            else:
                found.append(waiting[0])  # type: ignore[arg-type]
        for sender in senders:
            sender.join()
        return found

    found = asyncio.run(collect())
    for name in range(threads):
        mine = [fact.proposal for fact in found if fact.operator == f"T{name}"]
        assert mine == [f"P{number}" for number in range(each)]


def test_a_fact_that_comes_after_the_loop_is_over_waits() -> None:
    inbox = Inbox()

    async def live() -> None:
        inbox.attach(asyncio.get_running_loop())

    asyncio.run(live())
    inbox.detach()
    inbox.admit(_answer(1))
    inbox.nudge()
    assert inbox.take() == (_answer(1), None)
