// Who is signed in, in which role, and the way out; or that nobody may do anything here.

import { h, put } from "../dom";
import { t, word } from "../i18n";
import type { Session } from "../session";

export class WhoIsIt {
  readonly element = h("span.who");
  // Made once: a button that is made anew between press and release loses its click.
  private readonly out = h("button.signout");

  constructor(private readonly session: Session) {
    this.out.addEventListener("click", () => void session.signOut());
    session.on(() => this.draw());
    this.draw();
  }

  draw(): void {
    const info = this.session.info;
    this.element.hidden = !info || (!info.signed && info.open);
    if (!info || this.element.hidden) return;
    this.element.title = info.signed ? t("who.signed", info.name ?? "", word("role", info.role ?? "")) : t("who.onlylooks");
    put(this.out, t("button.signout"));
    put(this.element, info.signed && h("b", {}, info.name), h("span.role", {}, info.signed ? word("role", info.role ?? "") : t("who.viewing")), info.signed && this.out);
  }
}
