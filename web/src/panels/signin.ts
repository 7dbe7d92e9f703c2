// The door: a name and a password, before anything of the picture is asked for.

import { h, put, setText } from "../dom";
import { LANGS, t, tongue, type Lang } from "../i18n";
import type { Refusal, Session } from "../session";

export class SignIn {
  private readonly name = h("input", { name: "name", autocomplete: "username", required: true, maxlength: 64, autocapitalize: "none", spellcheck: "false" }) as HTMLInputElement;
  private readonly password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: 1024 }) as HTMLInputElement;
  private readonly said = h("p.refused", { role: "alert" });
  private readonly go = h("button.go", { type: "submit" }) as HTMLButtonElement;
  private asking = false;
  private refused: Refusal | undefined;

  constructor(
    private readonly dialog: HTMLDialogElement,
    private readonly session: Session,
    private readonly speak: (to: Lang) => void,
    private readonly ended: boolean,
  ) {}

  /** Show the door until somebody has signed in. */
  open(): Promise<void> {
    return new Promise((done) => {
      this.draw();
      this.dialog.addEventListener("cancel", (event) => event.preventDefault());
      this.dialog.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.ask(done);
      });
      this.dialog.showModal();
      this.name.focus();
    });
  }

  private draw(): void {
    const label = (key: "signin.name" | "signin.password", input: HTMLElement) => h("label", {}, h("span", {}, t(key)), input);
    const languages = LANGS.map((to) => h(`button${to === tongue() ? ".chosen" : ""}`, { type: "button", lang: to, "data-lang": to, "aria-pressed": String(to === tongue()), click: () => this.turn(to) }, to.toUpperCase()));
    setText(this.go, t("signin.go"));
    this.tell();
    put(
      this.dialog,
      h("form", {}, h("header", {}, h("b#signin-title", {}, "TENERE"), h("span.languages", {}, ...languages)), h("p", {}, t("signin.why")), label("signin.name", this.name), label("signin.password", this.password), this.said, this.go),
    );
    this.dialog.setAttribute("aria-labelledby", "signin-title");
  }

  private turn(to: Lang): void {
    this.speak(to);
    this.draw();
    this.dialog.querySelector<HTMLElement>(`[data-lang=${to}]`)?.focus();
  }

  private async ask(done: () => void): Promise<void> {
    if (this.asking) return;
    this.asking = this.go.disabled = true;
    this.refused = await this.session.signIn(this.name.value, this.password.value);
    this.asking = this.go.disabled = false;
    this.password.value = "";
    if (this.refused) {
      this.tell();
      this.password.focus();
      return;
    }
    this.dialog.close();
    put(this.dialog);
    done();
  }

  private tell(): void {
    const { refused } = this;
    const words =
      refused === undefined ? (this.ended ? t("signin.ended") : "")
      : refused.status === 401 ? t("signin.wrong")
      : refused.status === 429 ? t("signin.wait", refused.wait)
      : refused.status === 0 ? t("signin.lost")
      : t("signin.failed", refused.error);
    setText(this.said, words);
  }
}
