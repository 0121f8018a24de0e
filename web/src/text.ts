// What the page says, in English and Spanish. An element's text is named by its data-text attribute, its aria-label by data-label;
// what they are filled with is remembered, so that a change of language rewrites the page in place.

const english = {
  skip: "Skip to the content",
  language: "Language",
  lead: "Convert audio on your own server.",
  logIn: "Log in",
  logOut: "Log out",
  signUp: "Sign up",
  logInTitle: "Log in",
  signUpTitle: "Create an account",
  noAccount: "No account yet?",
  haveAccount: "You have an account?",
  userName: "User name",
  email: "E-mail",
  password: "Password",
  passwordAgain: "Password again",
  passwordHelp: "At least 8 characters.",
  sessionOver: "Your session is over. Please log in again.",
  loggedOut: "You are logged out.",
  convertTitle: "Convert audio",
  chooseFiles: "Choose files",
  dropHelp: "or drop them here: audio of nearly any kind, or videos for their sound",
  chosenFiles: "Chosen files",
  nothingChosen: "Choose at least one file first.",
  remove: "Remove",
  removeName: "Remove {name}",
  convert: "Convert",
  format: "Convert to",
  losslessHelp: "Lossless. By default: {encoding}",
  lossyHelp: "Lossy. By default: {encoding}",
  options: "More options",
  encodingOptions: "Encoding",
  partOptions: "Part of the source",
  tagOptions: "Tags, pictures and chapters",
  bitrateUnit: "Bitrate in kbit/s",
  quality: "Quality",
  range: "{low} to {high}",
  sampleRate: "Sample rate",
  channels: "Channels",
  asSource: "As in the source",
  mono: "1 (mono)",
  stereo: "2 (stereo)",
  start: "Start at",
  startHelp: "Such as 90, 1:30.5 or 00:01:30. Empty: the beginning.",
  end: "End at",
  endHelp: "Empty: the end.",
  bitDepth: "Bit depth",
  float: "32 bits, floating point",
  reencode: "Where the source is encoded that way already",
  copyWherePossible: "Copy it, without loss",
  encodeAnew: "Encode it anew",
  trimSilence: "Cut off what is quieter at both ends, in dBFS",
  trimSilenceHelp: "such as -60",
  fadeIn: "Fade in, in seconds",
  fadeOut: "Fade out, in seconds",
  levelOptions: "Level",
  levelHelp: "By one gain for the whole sound: give a loudness, a peak or a gain.",
  loudnessUnit: "Loudness in LUFS",
  loudnessHelp: "such as -14 for music, -23 for broadcasts (EBU R 128)",
  truePeakUnit: "True peak at the most, in dBTP",
  truePeakHelp: "goes with loudness; -1 if not given",
  peakUnit: "Peak in dBFS",
  peakHelp: "of the loudest sample",
  gainUnit: "Gain in dB",
  titleTag: "Title",
  artistTag: "Artist",
  albumTag: "Album",
  tagHelp: "Empty: as in the source.",
  sourceTags: "Tags of the source",
  sourcePictures: "Pictures of the source",
  cover: "Front cover",
  coverHelp: "A JPEG or PNG picture for all these files, instead of the one that they have. Empty: their own.",
  sourceChapters: "Chapters of the source",
  keepAll: "Keep",
  drop: "Drop",
  splitChapters: "Split into files, as a ZIP",
  uploads: "Uploads",
  queued: "Waiting to be sent",
  sending: "Sending: {part} of {whole}",
  checking: "Sent. Being checked…",
  refused: "Not accepted",
  uploadOf: "Upload of {name}",
  uploadRefused: "{name} was not accepted: {why}",
  uploadTaken: "{name} is uploaded.",
  cancel: "Cancel",
  cancelName: "Cancel {name}",
  dismiss: "Dismiss",
  dismissName: "Dismiss {name}",
  tryAgain: "Try again",
  tryAgainName: "Try again: {name}",
  tasks: "Conversions",
  noTasks: "Nothing here yet. What you convert will be listed here.",
  more: "Show earlier ones",
  UPLOADED: "Waiting",
  PROCESSING: "Converting",
  PROCESSED: "Done",
  FAILED: "Failed",
  CANCELED: "Canceled",
  waitingAgain: "Waiting for another try",
  progressOf: "Conversion of {name}",
  downloadResult: "Download",
  downloadResultName: "Download {name} as {format}",
  downloadOriginal: "Original",
  downloadOriginalName: "Original of {name}",
  again: "Convert again",
  againName: "Convert again: {name}",
  againTitle: "Convert again",
  delete: "Delete",
  deleteName: "Delete {name}",
  deleteTitle: "Delete this conversion?",
  deleteHelp: "The original and the result are removed from the server.",
  keep: "Keep it",
  deleted: "{name} is deleted.",
  convertedNow: "{name} is converted.",
  failedNow: "{name} failed: {why}",
  report: "Details",
  reportWithLosses: "Details, with losses: {count}",
  cannotPlay: "This browser can't play it. Download it to hear it.",
  drawnAsOriginal: "Drawn before the change of level and the fades that you hear.",
  soundOf: "Sound of {name}",
  soundFact: "Sound",
  hertz: "{rate} Hz",
  channelCount: "channels: {count}",
  bits: "{count} bits",
  length: "Length",
  size: "Size",
  loudness: "Loudness",
  loudnessBefore: "Loudness before the change",
  integrated: "{value} LUFS",
  loudnessRange: "range {value} LU",
  truePeak: "true peak {value} dBTP",
  dynamicRange: "dynamic range DR {value}",
  silent: "Nothing to measure: it is silent",
  verified: "Verified",
  sameSamples: "Decoded again: every sample is the same. MD5 of the samples: {md5}",
  tags: "Tags",
  pictures: "Pictures",
  chapters: "Chapters",
  kept: "Kept: {names}",
  added: "Added: {names}",
  keptCount: "Kept: {count}",
  mappedTag: "The tag “{name}” was changed",
  mappedPicture: "The picture “{name}” was changed",
  mappedChapter: "The chapter “{name}” was changed",
  droppedTag: "The tag “{name}” was dropped",
  droppedPicture: "The picture “{name}” was dropped",
  droppedChapter: "The chapter “{name}” was dropped",
  lossAt: "Damage at {time}",
  because: "{what}: {why}",
  offline: "The server can't be reached. Check the connection and try again.",
  strange: "The server's answer was not understood (status {status}).",
} as const;

export type Text = keyof typeof english;

const spanish: Record<Text, string> = {
  skip: "Saltar al contenido",
  language: "Idioma",
  lead: "Convierte audio en tu propio servidor.",
  logIn: "Entrar",
  logOut: "Salir",
  signUp: "Crear cuenta",
  logInTitle: "Entrar",
  signUpTitle: "Crear una cuenta",
  noAccount: "¿Aún no tienes cuenta?",
  haveAccount: "¿Ya tienes cuenta?",
  userName: "Nombre de usuario",
  email: "Correo electrónico",
  password: "Contraseña",
  passwordAgain: "Contraseña otra vez",
  passwordHelp: "Al menos 8 caracteres.",
  sessionOver: "Tu sesión ha terminado. Vuelve a entrar.",
  loggedOut: "Has salido.",
  convertTitle: "Convertir audio",
  chooseFiles: "Elegir archivos",
  dropHelp: "o suéltalos aquí: audio de casi cualquier tipo, o vídeos por su sonido",
  chosenFiles: "Archivos elegidos",
  nothingChosen: "Elige primero al menos un archivo.",
  remove: "Quitar",
  removeName: "Quitar {name}",
  convert: "Convertir",
  format: "Convertir a",
  losslessHelp: "Sin pérdida. Por defecto: {encoding}",
  lossyHelp: "Con pérdida. Por defecto: {encoding}",
  options: "Más opciones",
  encodingOptions: "Codificación",
  partOptions: "Parte del original",
  tagOptions: "Etiquetas, imágenes y capítulos",
  bitrateUnit: "Tasa de bits en kbit/s",
  quality: "Calidad",
  range: "De {low} a {high}",
  sampleRate: "Frecuencia de muestreo",
  channels: "Canales",
  asSource: "Como en el original",
  mono: "1 (mono)",
  stereo: "2 (estéreo)",
  start: "Empezar en",
  startHelp: "Por ejemplo 90, 1:30.5 o 00:01:30. Vacío: el principio.",
  end: "Terminar en",
  endHelp: "Vacío: el final.",
  bitDepth: "Profundidad de bits",
  float: "32 bits, coma flotante",
  reencode: "Si el original ya está codificado así",
  copyWherePossible: "Copiarlo, sin pérdida",
  encodeAnew: "Codificarlo de nuevo",
  trimSilence: "Cortar lo más bajo en ambos extremos, en dBFS",
  trimSilenceHelp: "por ejemplo -60",
  fadeIn: "Fundido de entrada, en segundos",
  fadeOut: "Fundido de salida, en segundos",
  levelOptions: "Nivel",
  levelHelp: "Con una sola ganancia para todo el sonido: indica una sonoridad, un pico o una ganancia.",
  loudnessUnit: "Sonoridad en LUFS",
  loudnessHelp: "por ejemplo -14 para música, -23 para emisiones (EBU R 128)",
  truePeakUnit: "Pico real máximo, en dBTP",
  truePeakHelp: "va con la sonoridad; -1 si no se indica",
  peakUnit: "Pico en dBFS",
  peakHelp: "de la muestra más alta",
  gainUnit: "Ganancia en dB",
  titleTag: "Título",
  artistTag: "Artista",
  albumTag: "Álbum",
  tagHelp: "Vacío: como en el original.",
  sourceTags: "Etiquetas del original",
  sourcePictures: "Imágenes del original",
  cover: "Portada",
  coverHelp: "Una imagen JPEG o PNG para todos estos archivos, en lugar de la que tengan. Vacío: la suya.",
  sourceChapters: "Capítulos del original",
  keepAll: "Conservar",
  drop: "Quitar",
  splitChapters: "Separar en archivos, en un ZIP",
  uploads: "Envíos",
  queued: "En espera de envío",
  sending: "Enviando: {part} de {whole}",
  checking: "Enviado. Comprobando…",
  refused: "No aceptado",
  uploadOf: "Envío de {name}",
  uploadRefused: "{name} no se ha aceptado: {why}",
  uploadTaken: "{name} se ha enviado.",
  cancel: "Cancelar",
  cancelName: "Cancelar {name}",
  dismiss: "Descartar",
  dismissName: "Descartar {name}",
  tryAgain: "Reintentar",
  tryAgainName: "Reintentar {name}",
  tasks: "Conversiones",
  noTasks: "Aún no hay nada. Lo que conviertas aparecerá aquí.",
  more: "Mostrar anteriores",
  UPLOADED: "En espera",
  PROCESSING: "Convirtiendo",
  PROCESSED: "Lista",
  FAILED: "Fallida",
  CANCELED: "Cancelada",
  waitingAgain: "En espera de otro intento",
  progressOf: "Conversión de {name}",
  downloadResult: "Descargar",
  downloadResultName: "Descargar {name} como {format}",
  downloadOriginal: "Original",
  downloadOriginalName: "Original de {name}",
  again: "Convertir de nuevo",
  againName: "Convertir de nuevo: {name}",
  againTitle: "Convertir de nuevo",
  delete: "Borrar",
  deleteName: "Borrar {name}",
  deleteTitle: "¿Borrar esta conversión?",
  deleteHelp: "El original y el resultado se eliminan del servidor.",
  keep: "Conservar",
  deleted: "{name} se ha borrado.",
  convertedNow: "{name} se ha convertido.",
  failedNow: "{name} ha fallado: {why}",
  report: "Detalles",
  reportWithLosses: "Detalles, con pérdidas: {count}",
  cannotPlay: "Este navegador no puede reproducirlo. Descárgalo para oírlo.",
  drawnAsOriginal: "Dibujado antes del cambio de nivel y de los fundidos que se oyen.",
  soundOf: "Sonido de {name}",
  soundFact: "Sonido",
  hertz: "{rate} Hz",
  channelCount: "canales: {count}",
  bits: "{count} bits",
  length: "Duración",
  size: "Tamaño",
  loudness: "Sonoridad",
  loudnessBefore: "Sonoridad antes del cambio",
  integrated: "{value} LUFS",
  loudnessRange: "rango {value} LU",
  truePeak: "pico real {value} dBTP",
  dynamicRange: "rango dinámico DR {value}",
  silent: "Nada que medir: es silencio",
  verified: "Verificado",
  sameSamples: "Decodificado otra vez: todas las muestras son iguales. MD5 de las muestras: {md5}",
  tags: "Etiquetas",
  pictures: "Imágenes",
  chapters: "Capítulos",
  kept: "Se conservan: {names}",
  added: "Se añaden: {names}",
  keptCount: "Se conservan: {count}",
  mappedTag: "La etiqueta «{name}» ha cambiado",
  mappedPicture: "La imagen «{name}» ha cambiado",
  mappedChapter: "El capítulo «{name}» ha cambiado",
  droppedTag: "La etiqueta «{name}» se ha perdido",
  droppedPicture: "La imagen «{name}» se ha perdido",
  droppedChapter: "El capítulo «{name}» se ha perdido",
  lossAt: "Daño en {time}",
  because: "{what}: {why}",
  offline: "No se puede llegar al servidor. Comprueba la conexión e inténtalo de nuevo.",
  strange: "No se ha entendido la respuesta del servidor (estado {status}).",
};

const languages = { en: english as Record<Text, string>, es: spanish };
export type Language = keyof typeof languages;
export type Values = Record<string, string | number>;

const storageKey = "decant.language";
let current: Language = "en";
const filledWith = new WeakMap<Element, Values>();
const listeners: (() => void)[] = [];

function isLanguage(name: string | null | undefined): name is Language {
  return name === "en" || name === "es";
}

/** The language chosen earlier, else the first of the browser's that the page speaks. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(storageKey);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

export function currentLanguage(): Language {
  return current;
}

export function say(text: Text, values: Values = {}): string {
  return languages[current][text].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Lets `element` say `text`, in the current language and in every later one. */
export function setText(element: Element, text: Text, values: Values = {}): void {
  element.setAttribute("data-text", text);
  filledWith.set(element, values);
  element.textContent = say(text, values);
}

/** The same for what only assistive technology says. */
export function setLabel(element: Element, text: Text, values: Values = {}): void {
  element.setAttribute("data-label", text);
  filledWith.set(element, values);
  element.setAttribute("aria-label", say(text, values));
}

/** Fills in every text below `root`. */
export function translate(root: ParentNode): void {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = say(element.getAttribute("data-text") as Text, filledWith.get(element));
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.getAttribute("data-label") as Text, filledWith.get(element)));
  }
}

export function setLanguage(language: Language): void {
  current = language;
  localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
  translate(document);
  for (const listener of listeners) listener();
}

/** For what a text alone doesn't carry: numbers, dates. */
export function onLanguageChange(listener: () => void): void {
  listeners.push(listener);
}
