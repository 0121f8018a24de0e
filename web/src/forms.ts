// Forms that send without leaving the page and say what is wrong beside the field that it is about.
import { Problem, wordsOf } from "./api";
import { get, showIn } from "./page";

export function clearProblems(form: HTMLFormElement): void {
  showIn(get(form, ":scope > .problem", HTMLElement), "");
  for (const message of form.querySelectorAll(".field-problem")) message.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
}

/** Shows each field's problem at the field and moves there; what belongs to no field of the form goes above its button. */
export function showProblem(form: HTMLFormElement, problem: unknown): void {
  const elsewhere: string[] = [];
  let first: HTMLElement | null = null;
  for (const { field, message } of problem instanceof Problem ? problem.fields : []) {
    const input = form.elements.namedItem(field);
    if (!(input instanceof HTMLElement) || input.closest("[hidden]")) {
      elsewhere.push(message);
      continue;
    }
    const words = document.createElement("p");
    words.className = "field-problem";
    words.role = "alert";
    words.id = `${input.id}-problem`;
    words.textContent = message;
    input.after(words);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-errormessage", words.id);
    input.closest("details")?.setAttribute("open", "");
    first ??= input;
  }
  if (first === null && elsewhere.length === 0) elsewhere.push(wordsOf(problem));
  showIn(get(form, ":scope > .problem", HTMLElement), elsewhere.join(" "));
  first?.focus();
}

/** Runs `action` when the form is sent, once at a time, and shows why it failed. */
export function onSubmit(form: HTMLFormElement, action: () => Promise<void>): void {
  const button = get(form, "button[type=submit]", HTMLButtonElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.ariaBusy === "true") return;
    clearProblems(form);
    // Not `disabled`: that would throw the keyboard's focus away.
    button.ariaBusy = "true";
    try {
      await action();
    } catch (problem) {
      showProblem(form, problem);
    } finally {
      button.ariaBusy = "false";
    }
  });
}

export function valueOf(form: HTMLFormElement, field: string): string {
  return String(new FormData(form).get(field) ?? "");
}
