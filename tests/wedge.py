"""A keyboard-wedge scanner before a page: its keys bear a scanner's times, whatever a busy machine takes for them."""

from collections.abc import Sequence

from playwright.sync_api import Page

PRESS = """([keys, goOn]) => {
  window.scannedAt = goOn ? window.scannedAt : performance.now();
  return keys.map(key => {
    const event = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true});
    Object.defineProperty(event, 'timeStamp', {value: (window.scannedAt += 5)});
    const left = document.activeElement.dispatchEvent(event);
    // An event that a script makes types nothing by itself.
    if (left && key.length === 1 && document.activeElement.matches('input')) {
      document.execCommand('insertText', false, key);
    }
    return left;
  });
}"""


def press(page: Page, keys: Sequence[str], *, go_on: bool = False) -> list[bool]:
    """Press keys 5 ms apart, with `go_on` as much later than the last; return which were left to the browser."""
    return list(page.evaluate(PRESS, [list(keys), go_on]))


def type_code(page: Page, code: str) -> bool:
    """Type a code and the Enter that ends it; return whether that Enter would have pressed a button."""
    return press(page, [*code, "Enter"])[-1]
