import * as fc from 'fast-check';
import { shownIn, ZONES } from '../../../test/shown-in';
import { TimeZone } from './time-zone';

const at = (iso: string) => Date.parse(iso) / 1000;
const [BEGIN, END] = [at('1970-01-01T00:00:00Z'), at('2101-01-01T00:00:00Z')];
const WEEKS_4 = 28 * 86_400;

function zoneOf(name: string): TimeZone {
  const zone = TimeZone.of(name);
  if (!zone) throw new Error(`${name} is missing`);
  return zone;
}

/** What a zone's clock shows by its offset. */
const shownBy = (zone: TimeZone, seconds: number) =>
  new Date((seconds + zone.offset(seconds)) * 1000).toISOString().slice(0, 19);

describe('The offset of a zone', () => {
  it('is that of Intl in every zone and year from 1970 to 2100, to the second of every change', () => {
    let changes = 0;
    for (const name of ZONES) {
      const zone = zoneOf(name);
      // The day tells more from less, since no clock is a day ahead. To write the whole date takes twice the time.
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      });
      const check = (seconds: number) => {
        const [date, time] = shownBy(zone, seconds).split('T');
        const shown = `${date?.slice(-2)}, ${time}`;
        if (format.format(seconds * 1000) === shown) return;
        throw new Error(`${name} does not show ${shown} at ${new Date(seconds * 1000)}`);
      };
      for (let seconds = BEGIN; seconds < END; seconds += WEEKS_4) {
        check(seconds);
        let [before, after] = [seconds, seconds + WEEKS_4];
        if (zone.offset(before) === zone.offset(after)) continue;
        changes++;
        while (after - before > 1) {
          const middle = Math.floor((before + after) / 2);
          if (zone.offset(middle) === zone.offset(before)) before = middle;
          else after = middle;
        }
        for (const near of [before - 1, before, after, after + 1]) check(near);
      }
    }
    expect(changes).toBeGreaterThan(30_000);
  }, 120_000);

  it('is that of Intl at any instant of the years 1 to 9999', () => {
    const any = fc.integer({ min: at('0001-01-02T00:00:00Z'), max: at('9999-12-30T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.array(any), (name, instants) => {
        for (const instant of instants) {
          expect(shownBy(zoneOf(name), instant)).toBe(shownIn(name)(instant));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['Africa/Monrovia', '1971-06-01T00:00:00Z', -(44 * 60 + 30)],
    ['Africa/Monrovia', '1972-01-07T00:44:29Z', -(44 * 60 + 30)],
    ['Africa/Monrovia', '1972-01-07T00:44:30Z', 0],
    ['Europe/Berlin', '2023-10-29T00:59:59Z', 7200],
    ['Europe/Berlin', '2023-10-29T01:00:00Z', 3600],
    ['Australia/Lord_Howe', '2023-10-01T00:00:00Z', 11 * 3600],
    ['Asia/Kathmandu', '2023-10-30T10:00:00Z', 5 * 3600 + 45 * 60],
    ['UTC', '2023-10-30T10:00:00Z', 0],
  ])('in %s at %s is %d seconds', (name, iso, offset) => {
    expect(zoneOf(name).offset(at(iso))).toBe(offset);
  });

  it('is asked of Intl for a day only once, for up to 179 years of days', () => {
    const format = jest.spyOn(
      Intl.DateTimeFormat.prototype as { readonly format: unknown },
      'format',
      'get',
    );
    const zone = zoneOf('Indian/Chagos');
    const days = Array.from(
      { length: 60_000 },
      (_, day) => at('1950-01-01T00:00:00Z') + day * 86_400,
    );
    for (const day of days) zone.offset(day);
    const asked = format.mock.calls.length;
    for (const day of days) for (const hour of [0, 7, 23]) zone.offset(day + hour * 3600 + 59);
    expect(format.mock.calls.length).toBe(asked);
    expect(asked).toBeGreaterThan(60_000);
    expect(asked).toBeLessThan(130_000);
    format.mockRestore();
  });

  it('stays right if days of more years take their places', () => {
    const zone = zoneOf('Europe/Paris');
    for (const year of ['2023', '2203', '2023', '1843', '2023']) {
      const noon = at(`${year}-07-01T12:00:00Z`);
      expect(shownBy(zone, noon)).toBe(shownIn('Europe/Paris')(noon));
    }
  });
});

describe('The name of a zone', () => {
  it('may be any that Intl knows, and an older one, in any case', () => {
    for (const name of [
      ...ZONES,
      'GMT',
      'Etc/GMT+5',
      'EST5EDT',
      'EST',
      'Asia/Kolkata',
      'Etc/UTC',
    ]) {
      for (const spelled of [name, name.toLowerCase(), name.toUpperCase()]) {
        expect(zoneOf(spelled).offset(0)).toBe(at(`${shownIn(name)(0)}Z`));
      }
    }
  });

  it.each([
    ...['', ' ', 'UTC ', ' UTC', 'Berlin', 'Europe', 'Europe/Atlantis', 'Europe/Berlin\0', 'null'],
    // Offsets, which Node.js 20 does not take and later versions do.
    ...['+02:00', '-02:00', '+0200', '+02', '−02:00', 'GMT+1', 'GMT+01:00', 'UTC+1', 'Z', '2'],
    // ICU's own names.
    ...['BST', 'IST', 'PST', 'ect', 'JST', 'SystemV/PST8PDT', 'Etc/Unknown'],
    ...['__proto__', 'constructor', 'undefined', 'local', 'localtime', 'posix/Europe/Berlin'],
    ...['Europe/Berlın', 'Europe/BERLİN', '../Europe/Berlin', 'x'.repeat(100)],
  ])('may not be %j', (name) => {
    expect(TimeZone.of(name)).toBeUndefined();
  });

  it.each([undefined, null, 1, ['Europe/Berlin'], {}])(
    'may not be %j, which is no text',
    (name) => {
      expect(TimeZone.of(name as never)).toBeUndefined();
    },
  );

  it('leaves zones as they were, however many there are', () => {
    const berlin = zoneOf('Europe/Berlin');
    for (const name of ZONES) zoneOf(name);
    expect(zoneOf('Europe/Berlin').offset(0)).toBe(berlin.offset(0));
    expect(zoneOf('Europe/Berlin')).not.toBe(berlin);
  });

  it.each(['UTC', 'utc', 'GMT', 'Etc/UTC', 'Zulu'])('%s is UTC', (name) => {
    expect(zoneOf(name).isUtc).toBe(true);
    expect(zoneOf('Africa/Abidjan').isUtc).toBe(false);
  });
});
