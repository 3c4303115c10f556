/** Instants the way PagerDuty writes them: whole seconds, in some zone, always with an offset. */

export function isoUtc(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

/** @param timeZone an IANA name, e.g. `Europe/Berlin` */
export function isoInZone(instant: Date, timeZone: string): string {
  const offset = offsetOf(instant, timeZone);
  if (offset === 'Z') return isoUtc(instant);
  const sign = offset.startsWith('-') ? -1 : 1;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const local = new Date(instant.getTime() + sign * (hours * 60 + minutes) * 60_000);
  return `${local.toISOString().slice(0, 19)}${offset}`;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** They take longer to make than to use. */
const formats = new Map<string, Intl.DateTimeFormat>();

function offsetOf(instant: Date, timeZone: string): string {
  if (timeZone === 'Etc/UTC') return 'Z';
  const known = formats.get(timeZone);
  const format = known ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const parts = format.formatToParts(instant);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  // Written `GMT` or `GMT+00:00` for UTC, depending on the version of the time zone data.
  return ['GMT', 'GMT+00:00'].includes(name) ? 'Z' : name.replace('GMT', '');
}
