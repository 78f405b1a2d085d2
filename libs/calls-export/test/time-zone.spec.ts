// @slow
import * as fc from 'fast-check';
import { TimeZone } from '../src/lib/model/time-zone';
import { shownIn, ZONES } from './shown-in';

const at = (iso: string) => Date.parse(iso) / 1000;
const [BEGIN, END] = [at('1970-01-01T00:00:00Z'), at('2101-01-01T00:00:00Z')];
const WEEKS_4 = 28 * 86_400;

function zoneOf(name: string): TimeZone {
  const zone = TimeZone.of(name);
  if (!zone) throw new Error(`${name} is missing`);
  return zone;
}

/** The local time of a zone by its offset. */
const shownBy = (zone: TimeZone, seconds: number) =>
  new Date((seconds + zone.offset(seconds)) * 1000).toISOString().slice(0, 19);

describe('The offset of a zone', () => {
  it('agrees with Intl in every zone and year from 1970 to 2100, to the second of every change', () => {
    let changes = 0;
    for (const name of ZONES) {
      const zone = zoneOf(name);
      // The day of the month is enough to tell dates apart here. Formatting the full date takes twice as
      // long.
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

  it('agrees with Intl at any instant in the years 1 to 9999', () => {
    const any = fc.integer({ min: at('0001-01-02T00:00:00Z'), max: at('9999-12-30T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.array(any), (name, instants) => {
        for (const instant of instants) {
          expect(shownBy(zoneOf(name), instant)).toBe(shownIn(name)(instant));
        }
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

describe('The name of a zone', () => {
  it('can be any that Intl supports, or a deprecated one, in upper or lower case', () => {
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
});
