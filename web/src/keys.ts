// Keys by their place on the keyboard, so AZERTY and QWERTY agree; the question mark by what it types.

export interface KeyActions {
  labels: () => void;
  follow: () => void;
  home: () => void;
  coverage: () => void;
  escape: () => void;
  help: () => void;
}

export function bindKeys(actions: KeyActions): void {
  const byCode: Record<string, () => void> = { KeyL: actions.labels, KeyF: actions.follow, KeyH: actions.home, KeyC: actions.coverage, Escape: actions.escape };
  window.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing) {
      if (event.code === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const action = event.key === "?" ? actions.help : byCode[event.code];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
