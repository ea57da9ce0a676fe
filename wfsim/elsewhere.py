"""What would happen if another worker went on: one that starts now, on another machine."""

from __future__ import annotations

from dataclasses import replace

from wfsim.another_worker import another_worker, salt_hashes
from wfsim.trace import Finding
from wfsim.workers.azure_functions import AzureWorker, load_again
from wfsim.workers.azure_functions.blame import is_users
from wfsim.world import World

__all__ = ["replay_elsewhere"]


def replay_elsewhere(world: World) -> None:
    """Replay every instance with freshly imported modules, under another machine's name.

    Raises:
        NonDeterminismError: an instance would decide otherwise there.
    """
    if world.app.sandbox is None:
        return  # an app that is given as an object cannot be imported again
    instances = [
        (instance.last_episode, instance.last_pass.walk)
        for instance in world.hub.instances.values()
        if instance.last_episode is not None and instance.last_pass is not None
    ]
    own = world.hub.worker
    with world.looking():
        if isinstance(own, AzureWorker) and own.are_sure_elsewhere(instances):
            return
        has_time_passed = world.clock.elapsed_us > 0
        fresh = load_again(world.source, is_later=has_time_passed)
        fresh = replace(fresh, memory=None)  # it has seen nothing yet
        salt_hashes(fresh.modules())
        world.chance.adopt(fresh.modules())
        worker = AzureWorker(
            fresh, settings=world.hub.settings, chance=world.chance, report=_know_already
        )
        for episode, walk in instances:
            before = world.chance.passes
            with fresh.active(), another_worker(is_users, world.environment.names):
                worker.verify(episode, walk)
            if isinstance(own, AzureWorker):
                passes = world.chance.passes - before
                there = fresh if has_time_passed else None
                own.note_elsewhere(episode, walk, passes, there=there)


def _know_already(finding: Finding) -> None:
    """Take a finding that the first replay has reported."""
    del finding
