// Who is signed in and what they may do, as the server says it; every command goes through here.

export interface SessionInfo {
  /** Whether this server has accounts. */
  accounts: boolean;
  /** Whether anybody may command at all: false on the network without accounts. */
  open: boolean;
  name: string | null;
  role: string | null;
  signed: boolean;
  /** What may be sent: kinds, or kind.op. */
  commands: string[];
  expires_in_s: number | null;
}

export interface Refusal {
  status: number;
  error: string;
  /** Seconds to wait before the next try. */
  wait: number;
}

const ACTIVE_EVERY_MS = 60_000;
const ENDED = "tenere.ended";

export class Session {
  info: SessionInfo | undefined;
  /** Why a command is not to be sent now, in words; "" where nothing is against it. */
  against: (command: Record<string, unknown>) => string = () => "";
  private listeners: (() => void)[] = [];
  private activeAt = -Infinity;

  on(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Whether somebody has to sign in before anything is shown. */
  get needed(): boolean {
    return this.info !== undefined && this.info.accounts && !this.info.signed;
  }

  may(command: string): boolean {
    return this.info?.commands.includes(command) ?? false;
  }

  /** Ask the server who we are; false where it does not answer. */
  async load(): Promise<boolean> {
    try {
      const answer = await fetch("/api/session");
      if (!answer.ok) return false;
      this.become((await answer.json()) as SessionInfo);
      return true;
    } catch {
      return false;
    }
  }

  /** Sign in; undefined where that was taken. */
  async signIn(name: string, password: string): Promise<Refusal | undefined> {
    try {
      const answer = await post("/api/session", { name, password });
      if (!answer.ok) return await refusal(answer);
      this.become((await answer.json()) as SessionInfo);
      return undefined;
    } catch (error) {
      return { status: 0, error: String(error), wait: 0 };
    }
  }

  async signOut(): Promise<void> {
    await fetch("/api/session", { method: "DELETE" }).catch(() => undefined);
    location.reload();
  }

  /** Where the session has ended meanwhile: begin anew, with nothing of the picture left on the page. */
  async look(): Promise<void> {
    if ((await this.load()) && this.needed) {
      sessionStorage.setItem(ENDED, "1");
      location.reload();
    }
  }

  /** Whether the page was begun anew because a session ended; told once. */
  takeEnded(): boolean {
    const ended = sessionStorage.getItem(ENDED) !== null;
    sessionStorage.removeItem(ENDED);
    return ended;
  }

  /** Send a command; by: who it is from where nobody is signed in. Throws what the server says against it. */
  async send(command: Record<string, unknown>, by: string): Promise<void> {
    const against = this.against(command);
    if (against) throw new Error(against);
    const answer = await post("/api/commands", this.info?.signed ? command : { ...command, by });
    if (answer.ok) return;
    if (answer.status === 401) void this.look();
    throw new Error((await refusal(answer)).error);
  }

  /** Tell the server, now and then, that a person is at the page: a picture that only runs keeps no session open. */
  watch(say: (text: string) => void): void {
    const active = (): void => {
      if (!this.info?.signed || performance.now() - this.activeAt < ACTIVE_EVERY_MS) return;
      this.activeAt = performance.now();
      say('{"type":"active"}');
    };
    for (const event of ["pointermove", "pointerdown", "keydown", "wheel"]) window.addEventListener(event, active, { passive: true, capture: true });
  }

  private become(info: SessionInfo): void {
    this.info = info;
    for (const listener of this.listeners) listener();
  }
}

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

async function refusal(answer: Response): Promise<Refusal> {
  const said = (await answer.json().catch(() => ({}))) as { error?: string };
  return { status: answer.status, error: said.error ?? String(answer.status), wait: Number(answer.headers.get("Retry-After") ?? 0) };
}
