/** The local time of a zone at an instant according to `Intl`, such as `2023-10-30T10:00:00`. */
export type Shown = (seconds: number) => string;

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Reads the date fields that `Intl` formats; the library reads the offset, so this is an independent check.
 */
export function shownIn(timeZone: string): Shown {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  formats.set(timeZone, format);
  return (seconds) => {
    const [, month, day, year = '', time] =
      /^(\d\d)\/(\d\d)\/(\d+), ([\d:]{8})$/.exec(format.format(seconds * 1000)) ?? [];
    return `${year.padStart(4, '0')}-${month}-${day}T${time}`;
  };
}

/** All zones that `Intl` supports. */
export const ZONES = Intl.supportedValuesOf('timeZone');

/** Zones and days with an unusual change of the clock. */
export const UNUSUAL_DAYS = [
  ['Europe/Berlin', '2023-03-26'],
  ['Europe/Berlin', '2023-10-29'],
  ['America/New_York', '2023-03-12'],
  ['America/New_York', '2023-11-05'],
  // Forward from 00:00 to 01:00.
  ['America/Sao_Paulo', '2018-11-04'],
  ['Africa/Cairo', '2023-04-28'],
  // Back from 00:00 to 23:00.
  ['America/Sao_Paulo', '2018-02-17'],
  ['Africa/Cairo', '2023-10-26'],
  // Back from 01:00 to 00:00.
  ['America/Havana', '2023-11-05'],
  ['America/Havana', '2023-03-12'],
  // By half an hour.
  ['Australia/Lord_Howe', '2023-04-02'],
  ['Australia/Lord_Howe', '2023-10-01'],
  // By a day, forward or back.
  ['Pacific/Apia', '2011-12-29'],
  ['Pacific/Apia', '2011-12-31'],
  ['Pacific/Kwajalein', '1993-08-20'],
  // From or to an offset with seconds.
  ['Africa/Monrovia', '1972-01-07'],
  ['Africa/Monrovia', '1971-06-01'],
  ['Asia/Pyongyang', '2018-05-05'],
  ['Asia/Kathmandu', '1986-01-01'],
] as const;
