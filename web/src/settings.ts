// What a person chose for this browser: kept in its storage where that is allowed, else for this page.

const KEY = "tenere.settings";

type Value = string | number | boolean;

export class Settings {
  private readonly held: Record<string, Value> = {};
  private readonly listeners = new Map<string, (() => void)[]>();

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> | undefined = safeStorage()) {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(KEY) ?? "{}");
      if (kept && typeof kept === "object") for (const [name, value] of Object.entries(kept)) if (["string", "number", "boolean"].includes(typeof value)) this.held[name] = value as Value;
    } catch {
      // what another page wrote there is not ours: begin with none
    }
  }

  /** The value of a setting, or the fallback, whose kind it always has. */
  get<T extends Value>(name: string, fallback: T): T {
    const value = this.held[name];
    return typeof value === typeof fallback ? (value as T) : fallback;
  }

  set(name: string, value: Value): void {
    if (this.held[name] === value) return;
    this.held[name] = value;
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.held));
    } catch {
      // full or forbidden: it holds for this page
    }
    for (const listener of this.listeners.get(name) ?? []) listener();
  }

  on(name: string, listener: () => void): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }
}

function safeStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
