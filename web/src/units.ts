// Sizes, times and shares as people of the current language read them.
import { currentLanguage } from "./text";

const sizeUnits = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function showSize(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(sizeUnits.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(currentLanguage(), {
    style: "unit", unit: sizeUnits[step] ?? "byte", unitDisplay: "short", maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}

export function showShare(share: number): string {
  return new Intl.NumberFormat(currentLanguage(), { style: "percent" }).format(share);
}

export function showNumber(value: number): string {
  return new Intl.NumberFormat(currentLanguage()).format(value);
}

export function showDate(iso8601: string): string {
  const date = new Date(iso8601);
  if (Number.isNaN(date.getTime())) return iso8601;
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** Seconds as 1:02:03.5, the form that start and end take. */
export function showPosition(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Math.round((seconds % 60) * 10) / 10;
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const tail = `${rest < 10 ? "0" : ""}${rest}`;
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`;
}

/** A level or a loudness: one decimal. */
export function showLevel(value: number): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }).format(value);
}
