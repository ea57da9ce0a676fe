"""A day of the shop over HTTP, against `wfsim serve` as a process of its own."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.serve.conftest import Process, launch, until, wfsim_command

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]

WEBHOOKS = "/runtime/webhooks/durabletask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A customer of the shop, who knows its `/api` and follows the URLs that it hands out."""

    http: aiohttp.ClientSession

    async def call(self, method: str, url: str, code: int, **options: Any) -> Any:
        """Send a request that must have this status; return its JSON, or its text."""
        async with self.http.request(method, url, **options) as answer:
            assert answer.status == code, (url, await answer.text())
            is_json = answer.content_type == "application/json"
            return await answer.json() if is_json else await answer.text()

    async def order(self, order_id: str, amount: int, **more: Any) -> dict[str, str]:
        """Order mugs; return the links that came back."""
        order = {"id": order_id, "sku": "mug", "amount": amount} | more
        async with self.http.post("/api/orders", json=order) as answer:
            links: dict[str, str] = await answer.json()
            assert (answer.status, links["id"]) == (202, order_id)
            assert answer.headers["Location"] == links["statusQueryGetUri"]
        return links

    async def reaches(self, links: dict[str, str], state: str) -> Any:
        """Ask for a status, as handed out, until it is this one; return it."""

        async def look() -> Any:
            async with self.http.get(links["statusQueryGetUri"]) as answer:
                status = await answer.json()
                is_open = status["runtimeStatus"] in {"Pending", "Running", "Suspended"}
                assert answer.status == (202 if is_open else 200)
                return status if status["runtimeStatus"] == state else None

        return await until(look)

    async def waits_for_approval(self, links: dict[str, str]) -> None:
        """Ask until the order has said so."""

        async def look() -> bool:
            status = await self.reaches(links, "Running")
            return bool(status["customStatus"] == "waits for approval")

        await until(look)

    async def tell(self, links: dict[str, str], link: str, why: str) -> None:
        """Follow a link that takes a reason."""
        assert await self.call("POST", links[link].replace("{text}", why), 202) == ""

    async def left(self, amount: int) -> None:
        """Ask until so many mugs are left: signals take a moment."""

        async def look() -> bool:
            stock = await self.call("GET", "/api/stock/mug", 200)
            return bool(stock == {"sku": "mug", "left": amount})

        await until(look)


async def test_a_day_of_the_shop() -> None:
    """Everything that one may ask of a durable app works, by the URLs that it hands out."""
    began_s = time.monotonic()
    async with launch(*wfsim_command("serve", "fixtures/apps/shop", "--port", "0")) as process:
        async with aiohttp.ClientSession(process.url) as http:
            shop = Shop(http=http)
            await deliver(shop)
            await approve_a_large_order(shop)
            await terminate_an_order(shop)
            await rewind_what_the_carrier_failed(shop)
            await restart_and_purge(shop)
            await order_without_a_price(shop)
        await closes_cleanly(process)
    assert time.monotonic() - began_s < 20  # a second or two; the rest is for a busy machine


async def deliver(shop: Shop) -> None:
    """Signal an entity, and read it: by the extension's routes, and by the app's."""
    stock = f"{WEBHOOKS}/entities/stock/mug"
    await shop.call("GET", stock, 404)
    await shop.left(0)
    assert await shop.call("POST", f"{stock}?op=add", 202, json="50") == ""
    await shop.left(50)
    assert await shop.call("GET", stock, 200) == 50


async def approve_a_large_order(shop: Shop) -> None:
    """Start, wait until it runs, pause it, go on, approve it; it calls the app's own HTTP."""
    links = await shop.order("order-1", 12)
    await shop.waits_for_approval(links)
    await shop.tell(links, "suspendPostUri", "stocktaking")
    paused = await shop.reaches(links, "Suspended")
    assert paused["output"] == "stocktaking"
    await shop.tell(links, "resumePostUri", "counted")
    resumed = await shop.reaches(links, "Running")
    assert resumed["output"] == "counted"
    approve = links["sendEventPostUri"].replace("{eventName}", "approval")
    await shop.call("POST", approve, 202, json={"by": "Ada"})
    done = await shop.reaches(links, "Completed")
    receipt = {"number": 1, "total": 240.0}  # the rate by GET, the receipt by POST
    shipped = {"status": "shipped", "tracking": "T-mug-12", "receipt": receipt}
    assert (done["output"], done["customStatus"]) == (shipped, "approved")
    assert await shop.call("GET", "/api/orders/order-1", 200) == shipped
    await shop.left(38)


async def terminate_an_order(shop: Shop) -> None:
    """An order that is called off says why, and what it reserved stays reserved."""
    links = await shop.order("order-2", 10)
    await shop.waits_for_approval(links)
    await shop.tell(links, "terminatePostUri", "changed%20my%20mind")
    ended = await shop.reaches(links, "Terminated")
    assert ended["output"] == "changed my mind"
    approve = links["sendEventPostUri"].replace("{eventName}", "approval")
    await shop.call("POST", approve, 410, json=True)
    await shop.left(28)


async def rewind_what_the_carrier_failed(shop: Shop) -> None:
    """Only the failed activity runs again: the mugs are not reserved twice."""
    assert await shop.call("PUT", "/api/carrier", 200, json={"is_up": False}) == "down"
    links = await shop.order("order-3", 2)
    failed = await shop.reaches(links, "Failed")
    assert "ConnectionError: the carrier does not answer" in failed["output"]
    await shop.left(26)
    assert await shop.call("PUT", "/api/carrier", 200, json={"is_up": True}) == "up"
    await shop.tell(links, "rewindPostUri", "is%20back")
    done = await shop.reaches(links, "Completed")
    assert done["output"]["tracking"] == "T-mug-2"
    await shop.left(26)


async def restart_and_purge(shop: Shop) -> None:
    """The same order again under a new id; then both are forgotten."""
    await shop.order("order-4", 1)
    first = await shop.order("order-5", 1)
    await shop.reaches(first, "Completed")
    second = await shop.call("POST", first["restartPostUri"], 202)
    assert second["id"] != first["id"]
    done = await shop.reaches(second, "Completed")
    assert done["output"]["tracking"] == "T-mug-1"
    for links in (first, second):
        purge = links["purgeHistoryDeleteUri"]
        assert await shop.call("DELETE", purge, 200) == {"instancesDeleted": 1}
        assert await shop.call("GET", links["statusQueryGetUri"], 404) == ""
        await shop.call("DELETE", purge, 404)
    known = await shop.call("GET", f"{WEBHOOKS}/instances/?instanceIdPrefix=order", 200)
    assert [item["instanceId"] for item in known] == [f"order-{n}" for n in (1, 2, 3, 4)]
    await shop.left(23)


async def order_without_a_price(shop: Shop) -> None:
    """A 500 of the service with the rates comes back as a value, and is not raised."""
    links = await shop.order("order-6", 1, currency="XXX")
    done = await shop.reaches(links, "Completed")
    assert done["output"] == {"status": "no price", "why": "no rate for that currency"}
    await shop.left(23)


async def closes_cleanly(process: Process) -> None:
    """Ctrl-C ends it, and nothing on stderr says that wfsim itself failed."""
    code, _, errors = await process.end(signal.SIGINT)
    assert code == 0
    assert "the carrier does not answer" in errors
    assert "bug in wfsim" not in errors
