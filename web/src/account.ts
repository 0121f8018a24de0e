// Signing up and logging in.
import type { Api } from "./api";
import { clearProblems, onSubmit, valueOf } from "./forms";
import { get } from "./page";
import { setText } from "./text";

type Form = "logIn" | "signUp";

export class Account {
  readonly #section = get(document, "#account", HTMLElement);
  readonly #logIn = get(this.#section, "#log-in", HTMLFormElement);
  readonly #signUp = get(this.#section, "#sign-up", HTMLFormElement);
  readonly #title = get(this.#section, "h1", HTMLElement);
  readonly #swap = get(this.#section, "#swap", HTMLButtonElement);

  constructor(api: Api, onLoggedIn: () => Promise<void>) {
    onSubmit(this.#logIn, async () => {
      await api.logIn(valueOf(this.#logIn, "email"), valueOf(this.#logIn, "password"));
      await onLoggedIn();
    });
    onSubmit(this.#signUp, async () => {
      const account = Object.fromEntries(["user", "email", "password1", "password2"].map((name) => [name, valueOf(this.#signUp, name)]));
      await api.signUp(account);
      await api.logIn(valueOf(this.#signUp, "email"), valueOf(this.#signUp, "password1"));
      await onLoggedIn();
    });
    this.#swap.addEventListener("click", () => {
      this.#showForm(this.#signUp.hidden ? "signUp" : "logIn");
      get(this.#signUp.hidden ? this.#logIn : this.#signUp, "input", HTMLInputElement).focus();
    });
  }

  show(): void {
    this.#showForm("logIn");
    this.#section.hidden = false;
    this.#title.focus();
  }

  hide(): void {
    this.#section.hidden = true;
    // No password stays behind in the page.
    this.#logIn.reset();
    this.#signUp.reset();
  }

  #showForm(form: Form): void {
    this.#logIn.hidden = form !== "logIn";
    this.#signUp.hidden = form !== "signUp";
    clearProblems(this.#logIn);
    clearProblems(this.#signUp);
    setText(this.#title, form === "logIn" ? "logInTitle" : "signUpTitle");
    setText(get(this.#section, "#swap-question", HTMLElement), form === "logIn" ? "noAccount" : "haveAccount");
    setText(this.#swap, form === "logIn" ? "signUp" : "logIn");
  }
}
