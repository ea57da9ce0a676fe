"""Route templates against the rules of ASP.NET."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfsim.errors import UsageError
from wfsim.workers.azure_functions.functions.routes import match_path
from wfsim.workers.azure_functions.functions.templates import parse_template

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("orders", "orders", {}),
        ("orders", "ORDERS", {}),
        ("orders", "orders/", {}),
        ("orders", "order", None),
        ("orders", "orders/1", None),
        ("orders", "", None),
        ("", "", {}),
        ("/orders/", "orders", {}),
        ("orders/{id}", "orders/7", {"id": "7"}),
        ("orders/{id}", "orders", None),
        ("orders/{id}", "orders/", None),
        ("orders/{id}", "orders//7", None),
        ("orders/{id}/items", "orders/7/Items", {"id": "7"}),
        ("orders/{id?}", "orders", {}),
        ("orders/{id?}", "orders/7", {"id": "7"}),
        ("orders/{id?}/items", "orders/items", None),
        ("orders/{id=1}", "orders", {"id": "1"}),
        ("orders/{id=1}", "orders/2", {"id": "2"}),
        ("{a=1}/{b=2}", "", {"a": "1", "b": "2"}),
        ("files/{*rest}", "files/a/b.txt", {"rest": "a/b.txt"}),
        ("files/{**rest}", "files/a", {"rest": "a"}),
        ("files/{*rest}", "files", {}),
        ("files/{*rest=index}", "files", {"rest": "index"}),
        ("{name}.{ext}", "a.b.c", {"name": "a.b", "ext": "c"}),
        ("{name}.{ext}", "a", None),
        ("{name}.{ext?}", "a", {"name": "a"}),
        ("{name}.{ext?}", "a.txt", {"name": "a", "ext": "txt"}),
        ("v{major}-{minor}", "V1-2", {"major": "1", "minor": "2"}),
        ("v{major}-{minor}", "v1", None),
        ("{{id}}", "{id}", {}),
        ("{a}/{b}", "x%20y/%C3%A5", {"a": "x y", "b": "å"}),
        ("{a}", "x%2Fy", {"a": "x%2Fy"}),
        ("{a}/{b}", "x%2fy", None),
    ],
)
def test_a_template_matches(template: str, path: str, values: dict[str, str] | None) -> None:
    """Literals, parameters, defaults and catch-alls match as ASP.NET matches them."""
    assert match_path(template, path) == values


@pytest.mark.parametrize(
    ("constraint", "fits", "fails"),
    [
        ("int", ["7", "-7", "+7", "2147483647"], ["x", "7.0", "2147483648", "9" * 5000]),
        ("INT", ["7"], ["x"]),
        ("long", ["9223372036854775807"], ["9223372036854775808"]),
        ("bool", ["true", "False"], ["1", "yes"]),
        ("datetime", ["2026-12-25", "2026-12-25 10:30", "12-25-2026"], ["25.13.2026", "x"]),
        ("decimal", ["1", "1.5", "-1,000.50", ".5"], ["1e3", "x"]),
        ("double", ["1e3", "1.5", "NaN"], ["x", "1e"]),
        ("float", ["1.5E-3"], ["one"]),
        ("guid", [GUID, GUID.replace("-", ""), f"{{{GUID}}}", f"({GUID})"], [GUID[1:], "x"]),
        ("alpha", ["abc", "ABC"], ["ab1", "a-b"]),
        ("length(3)", ["abc"], ["ab", "abcd"]),
        ("length(2,3)", ["ab", "abc"], ["a", "abcd"]),
        ("minlength(2)", ["ab"], ["a"]),
        ("maxlength(2)", ["ab"], ["abc"]),
        ("min(18)", ["18"], ["17", "x"]),
        ("max(120)", ["120"], ["121"]),
        ("range(18,120)", ["18", "120"], ["17", "121"]),
        (r"regex(^\\d{{3}}-\\d{{4}}$)".replace("\\\\", "\\"), ["123-4567"], ["1234567"]),
        ("regex(a:b=c)", ["xA:B=Cx"], ["ab"]),
        ("int:min(1)", ["1"], ["0"]),
        ("required", ["x"], []),
    ],
)
def test_a_constraint_decides(constraint: str, fits: list[str], fails: list[str]) -> None:
    """Each inline constraint takes what it means, ignoring case, and nothing else."""
    template = f"x/{{id:{constraint}}}"
    assert [value for value in fits if match_path(template, f"x/{quote(value)}") is None] == []
    assert [value for value in fails if match_path(template, f"x/{quote(value)}")] == []


def test_an_optional_parameter_may_lack_with_constraint() -> None:
    """A constraint on an optional parameter holds only where there is a value."""
    assert match_path("x/{id:int?}", "x") == {}
    assert match_path("x/{id:int?}", "x/y") is None
    assert match_path("x/{id:int=5}", "x") == {"id": "5"}


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("a/{id", "without its '}'"),
        ("a/id}", "without its '{'"),
        ("a/{}", "'' is no name"),
        ("a/{x{y}}", "is written as '{{'"),
        ("a//b", "side by side"),
        ("{*rest}/b", "last segment"),
        ("x{*rest}", "alone in its segment"),
        ("{a}{b}", "need text between"),
        ("x{a?}", "alone in its segment, or follow a '.'"),
        ("{a?}.txt", "alone in its segment, or follow a '.'"),
        ("{a}/{A}", "'a' appears more than once"),
        ("a?b", "must not contain '?'"),
        ("{a?=1}", "no name"),
        ("{a=1?}", "cannot have a default"),
        ("{*a?}", "cannot be optional"),
        ("{***a}", "too many asterisks"),
        ("{a:guidd}", "no constraint 'guidd'. Did you mean 'guid'?"),
        ("{a:range(1)}", "wrong arguments"),
        ("{a:length(x)}", "wrong arguments"),
        ("{a:int(3)}", "wrong arguments"),
        ("{a:regex}", "wrong arguments"),
        ("{a:regex([)}", "regular expression '['"),
        ("{a:-}", "'-' is no constraint"),
    ],
)
def test_a_bad_template_is_refused(template: str, why: str) -> None:
    """What the host would refuse is refused, saying what is wrong."""
    with pytest.raises(UsageError) as caught:
        parse_template(template)
    assert why in str(caught.value)


SEGMENT = st.text(min_size=1, max_size=8).filter(lambda text: "/" not in text)


@given(st.lists(SEGMENT, min_size=1, max_size=4))
def test_values_come_back_decoded(values: list[str]) -> None:
    """Whatever text is percent-encoded into a path comes back as the values of its parameters."""
    encodable = [value.encode("utf-8", "replace").decode() for value in values]
    names = [f"p{index}" for index in range(len(values))]
    template = "/".join(f"{{{name}}}" for name in names)
    path = "/".join(quote(value, safe="") for value in encodable)
    assert match_path(template, path) == dict(zip(names, encodable, strict=True))


@given(st.text(alphabet="ab/{}*?:=().1,", max_size=16), st.text(alphabet="ab/.1%2F", max_size=12))
def test_any_text_is_a_template_or_refused(template: str, path: str) -> None:
    """Parsing and matching end in values, no match or a UsageError, and in nothing else."""
    try:
        values = match_path(template, path)
    except UsageError:
        return
    known = {parameter.name for parameter in parse_template(template).parameters()}
    assert values is None or set(values) <= known
