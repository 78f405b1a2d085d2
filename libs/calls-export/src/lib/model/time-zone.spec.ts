import { changeBetween, TIME_ZONE_RULE, TimeZone } from './time-zone';

const at = (iso: string) => Date.parse(iso) / 1000;
/** Returns microseconds since 1970-01-01T00:00:00Z. */
function micros(iso: string): bigint {
  const [, seconds, fraction = '0'] = /^(.*:\d\d)(?:\.(\d{6}))?Z$/.exec(iso) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction);
}

function zoneOf(name: string): TimeZone {
  const zone = TimeZone.of(name);
  if (!zone) throw new Error(`${name} is missing`);
  return zone;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('The offset of a zone', () => {
  it.each([
    // An offset with seconds, which changed in the middle of a day.
    ['Africa/Monrovia', '1971-06-01T00:00:00Z', -(44 * 60 + 30)],
    ['Africa/Monrovia', '1972-01-07T00:44:29Z', -(44 * 60 + 30)],
    ['Africa/Monrovia', '1972-01-07T00:44:30Z', 0],
    ['Europe/Berlin', '2023-10-29T00:59:59Z', 7200],
    ['Europe/Berlin', '2023-10-29T01:00:00Z', 3600],
    ['Europe/Berlin', '2023-10-29T23:59:59Z', 3600],
    ['Europe/Berlin', '2023-10-30T00:00:00Z', 3600],
    // A change at the first second of a day.
    ['Africa/Casablanca', '2008-05-31T23:59:59Z', 0],
    ['Africa/Casablanca', '2008-06-01T00:00:00Z', 3600],
    ['Australia/Lord_Howe', '2023-10-01T00:00:00Z', 11 * 3600],
    ['Asia/Kathmandu', '2023-10-30T10:00:00Z', 5 * 3600 + 45 * 60],
    ['America/St_Johns', '2023-01-30T10:00:00Z', -(3 * 3600 + 30 * 60)],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', -10 * 3600],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', 14 * 3600],
    ['UTC', '2023-10-30T10:00:00Z', 0],
    // Before 1970, seconds and days are negative.
    ['Europe/Berlin', '1969-12-31T23:59:59Z', 3600],
    ['Europe/London', '1968-10-26T22:59:59Z', 3600],
    ['Europe/Berlin', '1945-05-23T23:59:59Z', 2 * 3600],
    ['Europe/Berlin', '1945-05-24T00:00:00Z', 3 * 3600],
    ['Europe/Berlin', '1893-03-31T23:06:31Z', 53 * 60 + 28],
    ['Europe/Berlin', '1893-03-31T23:06:32Z', 3600],
    ['America/New_York', '0001-01-01T00:00:00Z', -(4 * 3600 + 56 * 60 + 2)],
    ['Asia/Tokyo', '9999-12-31T23:59:59Z', 9 * 3600],
  ])('in %s at %s is %d seconds', (name, iso, offset) => {
    expect(zoneOf(name).offset(at(iso))).toBe(offset);
  });

  it('calls Intl twice for a day, and also for a binary search if the offset changes', () => {
    const format = jest.spyOn(
      Intl.DateTimeFormat.prototype as { format: unknown },
      'format',
      'get',
    );
    const zone = zoneOf('Europe/Vienna');
    const intlCalls = (...times: string[]) => {
      format.mockClear();
      for (const time of times) zone.offset(at(time));
      return format.mock.calls.length;
    };
    expect(intlCalls('2023-10-28T00:00:00Z', '2023-10-28T10:00:00Z', '2023-10-28T23:59:59Z')).toBe(
      2,
    );
    expect(intlCalls('1969-12-31T00:00:00Z', '1969-12-31T23:59:59Z')).toBe(2);
    expect(intlCalls('1970-01-01T00:00:00Z')).toBe(2);
    // A binary search takes at most 17 steps: 2 ** 17 seconds are more than a day.
    expect(intlCalls('2023-10-29T10:00:00Z')).toBeLessThanOrEqual(2 + 1 + 17);
    expect(intlCalls('2023-10-29T00:00:00Z', '2023-10-29T23:59:59Z', '1970-01-01T20:00:00Z')).toBe(
      0,
    );
  });

  it('is cached for 65,536 days, and stays correct when a day is evicted', () => {
    const format = jest.spyOn(
      Intl.DateTimeFormat.prototype as { format: unknown },
      'format',
      'get',
    );
    const zone = zoneOf('Europe/Paris');
    const day = (days: number) => zone.offset(at('2023-07-01T12:00:00Z') + days * 86_400);
    expect([day(0), day(65_535), day(1), day(0)]).toEqual([7200, 3600, 7200, 7200]);
    expect(format).toHaveBeenCalledTimes(6);
    // In the winter of 2202, 1843, and the summer of 2023 again.
    expect([day(65_536), day(-65_536), day(0)]).toEqual([3600, 561, 7200]);
    expect(format).toHaveBeenCalledTimes(12);
  });

  it.each([
    ['M, GMT', 0],
    ['M, GMT+00:00', 0],
    ['M, GMT-00:44:30', -2670],
  ])('is parsed from %s', (formatted, offset) => {
    const zone = zoneOf('Africa/Dakar');
    jest
      .spyOn(Intl.DateTimeFormat.prototype as { format: unknown }, 'format', 'get')
      .mockReturnValue(() => formatted);
    // A day that is not cached yet.
    expect(zone.offset((formatted.length + 1000) * 86_400)).toBe(offset);
  });

  it('throws if Intl formats no offset', () => {
    const zone = zoneOf('Europe/Madrid');
    jest
      .spyOn(Intl.DateTimeFormat.prototype as { format: unknown }, 'format', 'get')
      .mockReturnValue(() => 'M');
    expect(() => zone.offset(0)).toThrow(
      new Error('Intl formats Europe/Madrid without an offset: M'),
    );
  });
});

describe('The first and the last instant of a local time', () => {
  it.each([
    ['UTC', '2023-10-30T10:00:00Z', '2023-10-30T10:00:00Z'],
    ['Europe/Berlin', '2023-10-30T00:00:00Z', '2023-10-29T23:00:00Z'],
    ['Europe/Berlin', '2023-10-30T01:00:00Z', '2023-10-30T00:00:00Z'],
    ['America/New_York', '2023-10-30T23:59:59.999999Z', '2023-10-31T03:59:59.999999Z'],
    ['Pacific/Kiritimati', '2023-10-30T00:00:00Z', '2023-10-29T10:00:00Z'],
    ['Pacific/Kiritimati', '2023-10-30T23:59:59.999999Z', '2023-10-30T09:59:59.999999Z'],
    ['Pacific/Pago_Pago', '2023-10-30T23:59:59.999999Z', '2023-10-31T10:59:59.999999Z'],
    // Around and before 1970, to the microsecond.
    ['UTC', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['UTC', '1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['Asia/Tokyo', '1970-01-01T08:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['Asia/Tokyo', '1970-01-01T00:00:00Z', '1969-12-31T15:00:00Z'],
    ['Asia/Tokyo', '1969-12-30T05:00:00.000001Z', '1969-12-29T20:00:00.000001Z'],
    ['America/New_York', '1969-12-31T19:00:00Z', '1970-01-01T00:00:00Z'],
    ['America/New_York', '1969-12-31T18:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['America/New_York', '1969-12-30T23:59:59.999999Z', '1969-12-31T04:59:59.999999Z'],
    // The largest offset in history.
    ['America/Metlakatla', '1800-01-02T00:00:00Z', '1800-01-01T08:46:18Z'],
    ['America/Metlakatla', '1800-01-02T15:13:41.999999Z', '1800-01-01T23:59:59.999999Z'],
    ['Asia/Tokyo', '0001-01-01T00:00:00Z', '0000-12-31T14:41:01Z'],
    ['America/New_York', '9999-12-31T23:59:59.999999Z', '+010000-01-01T04:59:59.999999Z'],
  ])('are the same in %s: %s is at %s', (name, local, instant) => {
    const zone = zoneOf(name);
    expect(zone.firstAt(micros(local))).toBe(micros(instant));
    expect(zone.lastAt(micros(local))).toBe(micros(instant));
  });

  it.each([
    ['Europe/Berlin', '2023-10-29T02:00:00Z', '2023-10-29T00:00:00Z', '2023-10-29T01:00:00Z'],
    [
      'Europe/Berlin',
      '2023-10-29T02:59:59.999999Z',
      '2023-10-29T00:59:59.999999Z',
      '2023-10-29T01:59:59.999999Z',
    ],
    // The two occurrences are on different UTC days, or the change is at midnight.
    ['America/Havana', '2023-11-05T00:30:00Z', '2023-11-05T04:30:00Z', '2023-11-05T05:30:00Z'],
    ['Pacific/Kwajalein', '1969-09-30T12:00:00Z', '1969-09-30T01:00:00Z', '1969-10-01T00:00:00Z'],
    ['Europe/Berlin', '1944-10-02T02:30:00Z', '1944-10-02T00:30:00Z', '1944-10-02T01:30:00Z'],
  ])('differ in %s when the clock goes back: %s is at %s and %s', (name, local, first, last) => {
    expect(zoneOf(name).firstAt(micros(local))).toBe(micros(first));
    expect(zoneOf(name).lastAt(micros(local))).toBe(micros(last));
  });

  it.each([
    ['Europe/Berlin', '2023-10-29T01:59:59.999999Z', '2023-10-28T23:59:59.999999Z'],
    ['Europe/Berlin', '2023-10-29T03:00:00Z', '2023-10-29T02:00:00Z'],
    ['Europe/Berlin', '2023-03-26T01:59:59.999999Z', '2023-03-26T00:59:59.999999Z'],
    ['Europe/Berlin', '2023-03-26T03:00:00Z', '2023-03-26T01:00:00Z'],
  ])('are the same in %s next to a change: %s is at %s', (name, local, instant) => {
    expect(zoneOf(name).firstAt(micros(local))).toBe(micros(instant));
    expect(zoneOf(name).lastAt(micros(local))).toBe(micros(instant));
  });

  it.each([
    ['Europe/Berlin', '2023-03-26T02:00:00Z', '2023-03-26T01:00:00Z'],
    ['Europe/Berlin', '2023-03-26T02:59:59.999999Z', '2023-03-26T01:00:00Z'],
    ['Europe/Berlin', '1893-04-01T00:03:00Z', '1893-03-31T23:06:32Z'],
    ['Africa/Casablanca', '2008-06-01T00:30:00Z', '2008-06-01T00:00:00Z'],
    // Samoa skipped this day.
    ['Pacific/Apia', '2011-12-30T00:00:00Z', '2011-12-30T10:00:00Z'],
    ['Pacific/Apia', '2011-12-30T23:59:59.999999Z', '2011-12-30T10:00:00Z'],
  ])('meet at the change in %s for the skipped time %s, at %s', (name, local, change) => {
    expect(zoneOf(name).firstAt(micros(local))).toBe(micros(change));
    expect(zoneOf(name).lastAt(micros(local))).toBe(micros(change) - 1n);
  });
});

describe('changeBetween', () => {
  it.each([1, 2, 3, 4, 500, 999, 1000])('finds a change at any instant, such as %i', (change) => {
    const offsetAt = (instant: number) => (instant < change ? 60 : 0);
    expect(changeBetween(offsetAt, 0, 1000)).toBe(change);
    expect(changeBetween((instant) => offsetAt(instant + 2000), -2000, -1000)).toBe(change - 2000);
  });
});

describe('The name of a time zone', () => {
  it.each(['Europe/Berlin', 'europe/berlin', 'EUROPE/BERLIN', 'CET', 'cet', 'MET'])(
    'may be %s',
    (name) => {
      expect(zoneOf(name).offset(at('2023-07-01T00:00:00Z'))).toBe(7200);
    },
  );

  it.each([
    ...['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC', 'WET'],
    ...['Zulu', 'Etc/GMT+5', 'EST5EDT', 'GB-Eire', 'Asia/Kolkata', 'America/Port-au-Prince'],
    ...['America/Argentina/Buenos_Aires', 'America/North_Dakota/New_Salem', 'Etc/UTC', 'NZ'],
  ])('may be %s, and is not normalized', (name) => {
    expect(zoneOf(name).name).toBe(name);
  });

  it.each([
    ...['Berlin', 'Europe', 'Europe/Atlantis', 'null', 'GMT+1', 'UTC+1', 'Z', 'x'.repeat(100)],
    // Names that only ICU knows.
    ...['BST', 'IST', 'PST', 'ect', 'JST', 'Etc/Unknown'],
    ...['constructor', 'undefined', 'local', 'localtime', 'posix/Europe/Berlin'],
  ])('may not be %j', (name) => {
    expect(TimeZone.of(name)).toBeUndefined();
  });

  // Later versions of Intl accept some of these.
  it.each([
    ...['', ' ', 'UTC ', ' UTC', 'Europe/Berlin\0', 'Europe/Berlin\n', '__proto__', '2'],
    ...['+02:00', '-02:00', '+0200', '+02', '−02:00', 'GMT+01:00', 'UTC+01:00', 'SystemV/PST8PDT'],
    ...['systemv/est5', 'Europe/Berlın', 'Europe/BERLİN', '../Europe/Berlin'],
    ...[undefined, null, 1, ['Europe/Berlin'], {}],
  ])('may not be %j, which is rejected without calling Intl', (name) => {
    const format = jest.spyOn(Intl, 'DateTimeFormat');
    expect(TimeZone.of(name as never)).toBeUndefined();
    expect(format).not.toHaveBeenCalled();
  });

  it('has a rule for error messages', () => {
    expect(TIME_ZONE_RULE).toBe('must be an IANA time zone name such as Europe/Berlin');
  });

  it('throws what Intl throws unless it is a RangeError', () => {
    jest.spyOn(Intl, 'DateTimeFormat').mockImplementation(() => {
      throw new TypeError('broken');
    });
    expect(() => TimeZone.of('Europe/Dublin')).toThrow(new TypeError('broken'));
  });

  it('is case-insensitive, and the last 32 zones are cached', () => {
    const names = Intl.supportedValuesOf('timeZone').filter((name) => name.startsWith('America/'));
    const zone = zoneOf('Europe/Rome');
    for (const name of names.slice(0, 31)) zoneOf(name);
    expect(zoneOf('europe/ROME')).toBe(zone);
    zoneOf(names[31] as string);
    expect(zoneOf('Europe/Rome')).not.toBe(zone);
    expect(zoneOf('Europe/Rome').offset(0)).toBe(zone.offset(0));
  });

  it.each(['UTC', 'utc', 'GMT', 'Etc/UTC', 'Etc/GMT', 'Zulu'])('%s is UTC', (name) => {
    expect(zoneOf(name).isUtc).toBe(true);
  });

  it.each(['Africa/Abidjan', 'Europe/London', 'Etc/GMT+1'])('%s is not UTC', (name) => {
    expect(zoneOf(name).isUtc).toBe(false);
  });

  it.each(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'])('is UTC if Intl resolves it to %s', (timeZone) => {
    jest
      .spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions')
      .mockReturnValue({ timeZone } as Intl.ResolvedDateTimeFormatOptions);
    expect(new TimeZone('Zulu').isUtc).toBe(true);
  });
});
