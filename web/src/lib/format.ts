/** Formats numbers, times and words for people. Fleet times are UTC; wall times are in the user's time zone. */
const LOCALE = "en-GB";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
// "1.2M": en-GB gives a small m, which could be read as milli.
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });
const dayYear = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const second = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });

export const MISSING = "–";

export const count = (value: number): string => whole.format(value);
export const shortCount = (value: number): string =>
  value < 10_000_000 ? count(value) : compact.format(value);

/** A share of 1 as a percentage. A tiny share is shown as "<0.1%" and not as zero, a large one as ">99.9%". */
export function percent(share: number | null | undefined, decimals = 1): string {
  if (share === null || share === undefined || Number.isNaN(share)) return MISSING;
  const smallest = 10 ** -decimals;
  const value = share * 100;
  if (value > 0 && value < smallest) return `<${smallest}%`;
  if (value < 100 && value > 100 - smallest) return `>${(100 - smallest).toFixed(decimals)}%`;
  return `${value.toFixed(decimals)}%`;
}

/** A risk beside the fleet's base rate: "12× the usual"; nothing if the rate is unknown. */
export const timesUsual = (relative: number | null | undefined): string | null =>
  relative === null || relative === undefined
    ? null
    : `${relative >= 10 ? count(relative) : relative.toFixed(1)}× the usual`;

export function decimal(value: number | null | undefined, decimals = 2): string {
  return value === null || value === undefined || Number.isNaN(value) ? MISSING : value.toFixed(decimals);
}

export function quantity(value: number | null | undefined, unit: string, decimals: number): string {
  return value === null || value === undefined ? MISSING : `${value.toFixed(decimals)} ${unit}`;
}

export const fleetDay = (seconds: number): string => day.format(seconds * 1000);
export const fleetDate = (seconds: number): string => dayYear.format(seconds * 1000);
export const fleetMinute = (seconds: number): string => minute.format(seconds * 1000);
export const fleetTime = (seconds: number): string => `${fleetDay(seconds)}, ${fleetMinute(seconds)}`;
export const fleetDateTime = (seconds: number): string => `${fleetDate(seconds)}, ${fleetMinute(seconds)}`;
export const secondsOf = (iso: string): number => Date.parse(iso) / 1000;
export const wallTime = (iso: string): string => second.format(new Date(iso));

export const speed = (factor: number): string => `×${count(factor)}`;

export const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function plural(noun: string, n: number): string {
  if (n === 1) return noun;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** "1 patient", "300 machines". */
export const counted = (n: number, noun: string): string => `${count(n)} ${plural(noun, n)}`;
