// The files that wait for "Convert": chosen in a dialog or dropped anywhere on the page.
import { cloneElement, get } from "./page";
import { onLanguageChange, setLabel } from "./text";
import { showSize } from "./units";

export class ChosenFiles {
  readonly #input = get(document, "#files", HTMLInputElement);
  readonly #list = get(document, "#chosen", HTMLElement);
  #files: File[] = [];

  constructor() {
    const drop = get(document, "#drop", HTMLElement);
    this.#input.addEventListener("change", () => {
      this.#add(this.#input.files);
      this.#input.value = "";
    });
    // The whole window, so that a file dropped beside the field doesn't replace the page.
    window.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    window.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) drop.classList.remove("over");
    });
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      this.#add(event.dataTransfer?.files);
    });
    onLanguageChange(() => this.#show());
  }

  /** Gives the files away. */
  take(): File[] {
    const files = this.#files;
    this.clear();
    return files;
  }

  /** Takes a file again that was given away. */
  putBack(file: File): void {
    this.#add([file]);
  }

  clear(): void {
    this.#files = [];
    this.#show();
  }

  focus(): void {
    this.#input.focus();
  }

  #add(files: Iterable<File> | null | undefined): void {
    this.#files.push(...(files ?? []));
    this.#show();
  }

  #show(): void {
    this.#list.hidden = this.#files.length === 0;
    this.#list.replaceChildren(...this.#files.map((file) => {
      const item = cloneElement("chosen");
      get(item, ".name", HTMLElement).textContent = file.name;
      get(item, ".size", HTMLElement).textContent = showSize(file.size);
      const remove = get(item, "button", HTMLButtonElement);
      setLabel(remove, "removeName", { name: file.name });
      remove.addEventListener("click", () => {
        this.#files = this.#files.filter((other) => other !== file);
        this.#show();
        this.focus();
      });
      return item;
    }));
  }
}
