/** Dates, times, durations and lists as the chosen locale writes them. */
import type { Millis } from "@/protocol/wire";

import { memoize } from "./memoize";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const dates = memoize(
  (locale: string, shape: string) =>
    new Intl.DateTimeFormat(locale, JSON.parse(shape) as Intl.DateTimeFormatOptions),
);
const relatives = memoize(
  (locale: string, style: string) =>
    new Intl.RelativeTimeFormat(locale, {
      numeric: "auto",
      style: style as Intl.RelativeTimeFormatStyle,
    }),
);
const lists = memoize((locale: string) => new Intl.ListFormat(locale, { type: "conjunction" }));

const collators = memoize((locale: string) => new Intl.Collator(locale, { numeric: true }));

function date(locale: string, shape: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return dates(locale, JSON.stringify(shape));
}

/** The time of day: "14:05". */
export function timeOfDay(time: Millis, locale: string): string {
  return date(locale, { hour: "numeric", minute: "2-digit" }).format(time);
}

/** Day and time in full, for tooltips. */
export function fullTime(time: Millis, locale: string): string {
  return date(locale, { dateStyle: "full", timeStyle: "short" }).format(time);
}

/** A day as a heading: "Today", "Yesterday", "Monday", "3 May", "3 May 2025". */
export function dayName(time: Millis, now: Millis, locale: string): string {
  const days = daysBetween(time, now);
  if (days >= 0 && days <= 1)
    return capital(relatives(locale, "long").format(-days, "day"), locale);
  if (days > 1 && days < 7) return date(locale, { weekday: "long" }).format(time);
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return date(locale, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(time);
}

/** A moment in few letters for lists: "2 min", "14:05", "Mon", "3 May". */
export function shortTime(time: Millis, now: Millis, locale: string, justNow: string): string {
  const passed = now - time;
  if (passed < minute) return justNow;
  if (passed < hour) {
    const unit = new Intl.NumberFormat(locale, {
      style: "unit",
      unit: "minute",
      unitDisplay: "short",
    });
    return unit.format(Math.floor(passed / minute));
  }
  const days = daysBetween(time, now);
  if (days === 0) return timeOfDay(time, locale);
  if (days < 7) return date(locale, { weekday: "short" }).format(time);
  return date(locale, { day: "numeric", month: "short" }).format(time);
}

/** How far away a moment is: "in 3 days", "2 hours ago". */
export function relativeTime(time: Millis, now: Millis, locale: string): string {
  const away = time - now;
  const size = Math.abs(away);
  const format = relatives(locale, "long");
  if (size < hour) return format.format(Math.round(away / minute), "minute");
  if (size < day) return format.format(Math.round(away / hour), "hour");
  return format.format(Math.round(away / day), "day");
}

/** A running or finished span: "0:42", "12:05", "1:02:09". */
export function duration(span: Millis): string {
  const seconds = Math.max(0, Math.floor(span / second));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A size of something on a disk: "312 kB", "4.2 MB"; computers count in thousands here. */
export function fileSize(bytes: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[power] ?? "byte",
    unitDisplay: power === 0 ? "long" : "short",
    maximumSignificantDigits: power === 0 ? 3 : 2 + Number(bytes / 1000 ** power >= 100),
  });
  return format.format(bytes / 1000 ** power);
}

/** Names in a sentence: "Anna, Ben and Cleo". */
export function list(items: readonly string[], locale: string): string {
  return lists(locale).format(items);
}

/** The order of names in a list. */
export function compareNames(a: string, b: string, locale: string): number {
  return collators(locale).compare(a, b);
}

/** Whole calendar days from one moment to another. */
export function daysBetween(from: Millis, to: Millis): number {
  const midnight = (time: Millis) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(to) - midnight(from)) / day);
}

function capital(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
