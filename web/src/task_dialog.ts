// A question about one conversion, asked in a modal dialog.
import { clearProblems, onSubmit } from "./forms";
import { get } from "./page";
import type { TaskRow } from "./task_row";

export class TaskDialog {
  readonly #dialog: HTMLDialogElement;
  readonly #form: HTMLFormElement;
  #row: TaskRow | null = null;

  /** `action` runs when the dialog's form is sent; the dialog closes unless it fails. */
  constructor(id: string, action: (row: TaskRow) => Promise<void>) {
    this.#dialog = get(document, `#${id}`, HTMLDialogElement);
    this.#form = get(this.#dialog, "form", HTMLFormElement);
    get(this.#dialog, ".close", HTMLButtonElement).addEventListener("click", () => this.close());
    onSubmit(this.#form, async () => {
      if (this.#row !== null) await action(this.#row);
      this.close();
    });
  }

  open(row: TaskRow): void {
    this.#row = row;
    clearProblems(this.#form);
    get(this.#form, ".subject", HTMLElement).textContent = row.task.name;
    this.#dialog.showModal();
  }

  close(): void {
    this.#row = null;
    this.#dialog.close();
  }
}
