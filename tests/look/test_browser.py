"""The look in a real browser: accessible, within the policy, fit for every width, quick by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADDRESSES = ("/", "/states", "/form", "/work", "/bare", "/plain", "/errors/404", "/errors/signed_out")
DESKTOP, PHONE, HEIGHT = 1280, 390, 844


def open_page(browser: Browser, width: int, **options: Any) -> Page:
    """A new page of its own context; whatever the console complains about is kept in `page.complaints`."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, **options)
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        slow_machine = "preloaded using link preload but not used within a few seconds" in message.text
        if message.type in ("error", "warning") and not slow_machine:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    page = open_page(browser, DESKTOP)
    yield page
    page.context.close()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_axe_finds_nothing(browser: Browser, gallery: str, address: str, width: int) -> None:
    page = open_page(browser, width, reduced_motion="reduce")
    script = {"expression": AXE.read_text(encoding="utf-8")}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(gallery + address)
        page.context.new_cdp_session(page).send("Runtime.evaluate", script)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        wrong = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]]
        assert not wrong, scheme
    complaints = page.complaints  # type: ignore[attr-defined]
    page.context.close()
    assert not complaints


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_sticks_out(desktop: Page, gallery: str, address: str) -> None:
    desktop.goto(gallery + address)
    for width in (320, PHONE, 768, 1000, DESKTOP, 1920):
        desktop.set_viewport_size({"width": width, "height": HEIGHT})
        assert desktop.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width


def test_targets_are_large_enough(browser: Browser, gallery: str) -> None:
    page = open_page(browser, PHONE)
    page.goto(gallery + "/states")
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, select, summary")]
        .filter(one => !one.closest("p, td, th, dd, .visually-hidden, .skip-inline, .messages"))
        .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && (box.width < 23.5 || box.height < 23.5))
        .map(([html, box]) => `${html} ${box.width}×${box.height}`)"""
    )
    page.context.close()
    assert small == []


def test_inputs_do_not_make_a_phone_zoom(browser: Browser, gallery: str) -> None:
    page = open_page(browser, PHONE)
    page.goto(gallery + "/form")
    sizes = page.locator(".form-control, .form-select").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    page.context.close()
    assert sizes
    assert min(sizes) >= 16


def test_right_to_left_puts_the_places_on_the_right(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/?dir=rtl")
    side = desktop.locator(".side").bounding_box()
    assert side
    assert side["x"] > DESKTOP / 2
    assert desktop.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_chosen_look_is_kept(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/")
    light = desktop.evaluate("getComputedStyle(document.body).backgroundColor")
    desktop.locator(".account summary").click()
    desktop.locator("[name=theme-side][value=dark]").check()
    dark = desktop.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    desktop.goto(gallery + "/states")
    assert desktop.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_dark_and_menus_work_without_script(browser: Browser, gallery: str) -> None:
    page = open_page(browser, PHONE, java_script_enabled=False, color_scheme="dark")
    page.goto(gallery + "/")
    page.locator(".top-menu > summary").click()
    expect(page.locator(".top-menu .place", has_text="Letters")).to_be_visible()
    expect(page.locator(".theme-choice").last).to_be_hidden()
    page.goto(gallery + "/work")
    expect(page.get_by_role("link", name="Refresh")).to_be_visible()
    page.context.close()


def test_keys_lead_where_the_help_says(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/")
    desktop.keyboard.press("?")
    expect(desktop.locator("#help")).to_be_visible()
    desktop.keyboard.press("Escape")
    desktop.keyboard.press("g")
    desktop.keyboard.press("s")
    desktop.wait_for_url("**/states")
    desktop.keyboard.press("/")
    expect(desktop.locator("#q")).to_be_focused()
    desktop.keyboard.type("gtn?")
    expect(desktop.locator("#q")).to_have_value("gtn?")
    expect(desktop.locator("#help")).to_be_hidden()
    desktop.locator("h1").click()
    desktop.keyboard.press("n")
    desktop.wait_for_url("**/log/new")


def test_keys_can_be_switched_off(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/")
    desktop.keyboard.press("?")
    desktop.locator("#single-keys").click()
    desktop.reload()
    desktop.keyboard.press("?")
    expect(desktop.locator("#help")).to_be_hidden()
    desktop.locator(".account summary").click()
    desktop.get_by_role("button", name="Keyboard").click()
    expect(desktop.locator("#single-keys")).not_to_be_checked()


def test_the_menu_closes_with_escape_and_gives_the_focus_back(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/")
    desktop.locator(".account summary").click()
    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Escape")
    expect(desktop.locator(".account[open]")).to_have_count(0)
    expect(desktop.locator(".account summary")).to_be_focused()


def test_leaving_a_form_with_typed_text_asks_first(desktop: Page, gallery: str) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desktop.on("dialog", answer)
    desktop.goto(gallery + "/form")
    desktop.goto(gallery + "/states")
    assert asked == []
    desktop.goto(gallery + "/form")
    desktop.locator("#whom").press_sequentially("M")
    desktop.goto(gallery + "/states")
    assert asked == ["beforeunload"]
    desktop.goto(gallery + "/form")
    desktop.locator("#whom").press_sequentially("M")
    desktop.get_by_role("link", name="Cancel").click()
    desktop.wait_for_url(gallery + "/")
    assert asked == ["beforeunload"]


def test_sending_leads_to_the_first_problem(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/form")
    desktop.locator("#whom").fill("M")
    desktop.keyboard.press("Control+Enter")
    expect(desktop.locator("[data-error-summary]")).to_be_focused()
    desktop.locator("[data-error-summary] a", has_text="What came back").click()
    expect(desktop.locator("#reply")).to_be_focused()
    desktop.locator("[data-error-summary] a", has_text="What was it").click()
    expect(desktop.locator("#kind-0")).to_be_focused()


def test_a_form_is_sent_once(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/form")
    stopped, disabled = desktop.locator(".form-buttons button").evaluate(
        """one => {
            const stopped = [];
            addEventListener("submit", event => {
                stopped.push(event.defaultPrevented);
                event.preventDefault();
            });
            one.click();
            one.click();
            return [stopped, one.getAttribute("aria-disabled")];
        }"""
    )
    assert stopped == [False, True]
    assert disabled == "true"


def test_progress_is_followed_to_its_end(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/work")
    expect(desktop.locator(".progress-figures")).to_have_text("0 of 80 done")
    expect(desktop.locator(".progress-figures")).to_have_text("80 of 80 done", timeout=15_000)
    expect(desktop.locator("[data-poll]")).to_have_count(0)
    expect(desktop.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_message_can_be_put_away(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/")
    first = desktop.locator("[data-message]").first
    first.get_by_role("button", name="Close this message").click()
    expect(desktop.locator("[data-message]")).to_have_count(1)


def test_every_tile_can_be_reached_by_keyboard_and_skipped(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/states")
    desktop.locator(".skip-inline").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#table")).to_be_focused()
    desktop.locator("a.tile").first.focus()
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/?state=LAO")


def test_a_phone_shows_the_whole_map_and_on_request_a_large_one(browser: Browser, gallery: str) -> None:
    page = open_page(browser, PHONE, java_script_enabled=False)
    page.goto(gallery + "/states")
    whole, large = page.locator(".tile-map-small svg"), page.locator(".tile-map-scroll")
    expect(whole).to_be_visible()
    expect(large).to_be_hidden()
    box = whole.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE
    page.get_by_label("Larger map").check()
    expect(whole).to_be_hidden()
    expect(large).to_be_visible()
    expect(page.get_by_text("Scroll sideways")).to_be_visible()
    tile = page.locator("a.tile .tile-ground").first.bounding_box()
    assert tile
    assert tile["width"] >= 24
    page.context.close()


def test_a_wide_page_shows_the_large_map_alone(desktop: Page, gallery: str) -> None:
    desktop.goto(gallery + "/states")
    expect(desktop.locator(".tile-map-scroll")).to_be_visible()
    for hidden in (".tile-map-small", ".tile-map-switch", ".tile-map-hint"):
        expect(desktop.locator(hidden)).to_be_hidden()


def test_a_row_of_a_long_list_is_two_lines_on_a_phone(browser: Browser, gallery: str) -> None:
    page = open_page(browser, PHONE)
    page.goto(gallery + "/states")
    heights = page.locator(".table-brief tbody tr").evaluate_all("all => all.map(one => one.offsetHeight)")
    expect(page.locator(".table-brief td:not(.brief)").first).to_be_hidden()
    page.locator(".table-brief tbody tr").nth(1).click(position={"x": 200, "y": 45})
    page.wait_for_url("**/?state=LBN")
    page.context.close()
    assert max(heights) <= 66


@pytest.mark.parametrize("width", [DESKTOP, PHONE, 320])
def test_no_term_is_broken_inside_a_word(browser: Browser, gallery: str, width: int) -> None:
    page = open_page(browser, width)
    page.goto(gallery + "/")
    broken = page.evaluate(
        """() => {
            const broken = [], range = document.createRange();
            for (const term of document.querySelectorAll("dt")) {
                const text = term.firstChild;
                for (const word of text?.data?.matchAll(/[^\\s-]+/g) ?? []) {
                    range.setStart(text, word.index);
                    range.setEnd(text, word.index + word[0].length);
                    if (new Set([...range.getClientRects()].map(box => box.top)).size > 1) broken.push(word[0]);
                }
            }
            return broken;
        }"""
    )
    page.context.close()
    assert broken == []


def test_colours_of_the_reader_keep_the_four_patterns_apart(browser: Browser, gallery: str) -> None:
    page = open_page(browser, DESKTOP, forced_colors="active")
    page.goto(gallery + "/states")
    fill = "code => getComputedStyle(document.querySelector(`a.tile-${code} .tile-ground`)).fill"
    party, none = page.evaluate(fill, "state_party"), page.evaluate(fill, "non_signatory")
    formed = page.locator("a.tile .tile-form").count()
    page.context.close()
    assert party != none
    assert formed == 3


def test_paper_shows_the_content_alone(browser: Browser, gallery: str) -> None:
    page = open_page(browser, DESKTOP, color_scheme="dark")
    page.goto(gallery + "/states")
    page.emulate_media(media="print")
    for hidden in (".side", ".filters", ".pager-steps"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    page.context.close()


def test_radio_buttons_of_which_none_is_chosen_are_empty(desktop: Page, gallery: str) -> None:
    """A group without a choice is "indeterminate" to a browser, like a check box between yes and no."""
    desktop.goto(gallery + "/form")
    colours = desktop.evaluate(
        """() => {
          const form = document.createElement("form");
          form.innerHTML = ["radio", "radio", "checkbox"].map(
            (type) => `<input class="form-check-input" type="${type}" name="${type}">`).join("");
          document.querySelector("main").append(form);
          return [...form.elements].map((one) => getComputedStyle(one).backgroundColor);
        }"""
    )
    assert len(set(colours)) == 1, colours
