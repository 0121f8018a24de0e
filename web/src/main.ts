// Puts the page together: who talks to whom, and which part is shown.
import { Account } from "./account";
import { Api, Problem, wordsOf } from "./api";
import { ChosenFiles } from "./chosen_files";
import { ConversionFields } from "./conversion_fields";
import { clearProblems, onSubmit, showProblem } from "./forms";
import { announce, get, showIn } from "./page";
import { TaskDialog } from "./task_dialog";
import { TaskList } from "./task_list";
import { preferredLanguage, say, setLanguage, type Language } from "./text";
import { Uploads } from "./uploads";

const notice = get(document, "#notice", HTMLElement);
const workspace = get(document, "#workspace", HTMLElement);
const logOut = get(document, "#log-out", HTMLButtonElement);
const language = get(document, "#language", HTMLSelectElement);

const api = new Api(() => showAccount(say("sessionOver")));
const account = new Account(api, showWorkspace);
const chosen = new ChosenFiles();
const convertForm = get(document, "#convert", HTMLFormElement);
const uploads = new Uploads(api, (task) => tasks.show(task), (file, problem) => {
  clearProblems(convertForm);
  showProblem(convertForm, problem);
  chosen.putBack(file);
});
const cover = get(convertForm, "#cover", HTMLInputElement);
const againFields = get(document, "#again .conversion", HTMLElement);
let fields: { convert: ConversionFields; again: ConversionFields } | null = null;

const again = new TaskDialog("again", async (row) => {
  if (fields) tasks.show(await api.convertAgain(row.task.id, fields.again.request()));
});
const remove = new TaskDialog("delete", async (row) => {
  await api.deleteTask(row.task.id).catch((problem) => {
    // Deleted already, by somebody else or by age: as wished.
    if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
  });
  remove.close();
  tasks.remove(row);
  announce(say("deleted", { name: row.task.name }));
});
const tasks = new TaskList(api, (row) => {
  fields?.again.show(row.task.convertedExt, row.task.options);
  again.open(row);
}, (row) => remove.open(row));

async function showWorkspace(): Promise<void> {
  if (fields === null) {
    const formats = await api.formats();
    fields = {
      convert: new ConversionFields(get(document, "#conversion", HTMLElement), "convert", formats),
      again: new ConversionFields(againFields, "again", formats),
    };
  }
  await tasks.load();
  account.hide();
  showIn(notice, "");
  chosen.clear();
  workspace.hidden = false;
  logOut.hidden = false;
  get(document, "#convert-title", HTMLElement).focus();
}

/** Whatever was shown of an account goes. */
function showAccount(why: string): void {
  again.close();
  remove.close();
  uploads.clear();
  tasks.clear();
  chosen.clear();
  cover.value = "";
  workspace.hidden = true;
  logOut.hidden = true;
  showIn(notice, why);
  account.show();
}

onSubmit(convertForm, async () => {
  const files = chosen.take();
  if (files.length === 0) {
    chosen.focus();
    throw new Error(say("nothingChosen"));
  }
  for (const file of files) if (fields) uploads.add(file, cover.files?.item(0) ?? null, fields.convert.request());
});

logOut.addEventListener("click", async () => {
  try {
    await api.logOut();
    showAccount("");
    announce(say("loggedOut"));
  } catch (problem) {
    showIn(notice, wordsOf(problem));
  }
});

language.addEventListener("change", () => setLanguage(language.value as Language));

async function start(): Promise<void> {
  setLanguage(preferredLanguage());
  language.value = document.documentElement.lang;
  try {
    if (await api.resume()) await showWorkspace();
    else showAccount("");
  } catch (problem) {
    showAccount(wordsOf(problem));
  }
}

void start();
