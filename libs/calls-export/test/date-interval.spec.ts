import * as fc from 'fast-check';
import { DateInterval } from '../src/lib/http/date-interval';
import { TimeZone } from '../src/lib/model/time-zone';
import { type Shown, shownIn, UNUSUAL_DAYS, ZONES } from './shown-in';

describe('DateInterval', () => {
  it('starts and ends at the first microsecond that is not before the given time', () => {
    const seconds = fc.integer({
      min: Date.parse('0000-01-01T00:00:00Z') / 1000,
      max: Date.parse('9999-12-31T23:59:59Z') / 1000,
    });
    fc.assert(
      fc.property(seconds, fc.stringMatching(/^[0-9]{1,18}$/), (second, fraction) => {
        const text = `${new Date(second * 1000).toISOString().slice(0, 19)}.${fraction}`;
        const { start = 0n, end = 0n } = DateInterval.parse(text) ?? {};
        // In units of 10 ** -18 seconds.
        const micro = 10n ** 12n;
        const from = BigInt(second) * 10n ** 18n + BigInt(fraction.padEnd(18, '0'));
        const to = from + 10n ** BigInt(18 - fraction.length);
        for (const [bound, exact] of [
          [start, from],
          [end, to],
        ] as const) {
          const isFirst = bound * micro >= exact && (bound - 1n) * micro < exact;
          expect([text, bound, isFirst]).toEqual([text, bound, true]);
        }
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});

describe('DateInterval in a time zone', () => {
  const read = (text: string, name: string) => {
    const zone = TimeZone.of(name);
    const interval = zone && DateInterval.parse(text, zone);
    if (!interval) throw new Error(`${text} in ${name} is not a date`);
    return interval;
  };

  const zonedDayFrom = (first: string) => {
    const day = fc
      .date({ min: new Date(first), max: new Date('2100-12-30'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    return fc.oneof(fc.tuple(fc.constantFrom(...ZONES), day), fc.constantFrom(...UNUSUAL_DAYS));
  };

  /** Whether the clock passes midnight only once: going back over it would mix the two days. */
  function isPassedOnce(midnight: number, shown: Shown): boolean {
    const dates = Array.from({ length: 48 }, (_, index) =>
      shown(midnight + (index - 24) * 600).slice(0, 10),
    );
    return dates.every((date, index) => date >= (dates[index - 1] ?? ''));
  }

  it('contains exactly the seconds that Intl shows on a day', () => {
    fc.assert(
      fc.property(
        zonedDayFrom('1900-01-02'),
        fc.array(fc.integer({ min: -90_000, max: 180_000 })),
        ([name, date], some) => {
          const { start, end } = read(date, name);
          const shown = shownIn(name);
          const [first, last] = [Number(start / 1_000_000n), Number(end / 1_000_000n) - 1];
          fc.pre([first, last].every((midnight) => isPassedOnce(midnight, shown)));
          const seconds = [first - 1, first, first + 1, last - 1, last, last + 1];
          for (const second of [...seconds, ...some.map((after) => first + after)]) {
            const isInside = second >= first && second <= last;
            expect([name, second, isInside]).toEqual([
              name,
              second,
              shown(second).startsWith(date),
            ]);
          }
        },
      ),
      { numRuns: 1_000, examples: UNUSUAL_DAYS.map((unusual) => [[...unusual], []]) as never },
    );
  }, 60_000);

  it('runs from the first to the last second that Intl shows in a minute', () => {
    fc.assert(
      fc.property(
        zonedDayFrom('1970-01-02'),
        fc.integer({ min: 0, max: 1439 }),
        ([name, date], minute) => {
          const time = new Date(minute * 60_000).toISOString().slice(11, 16);
          const shown = shownIn(name);
          const midnight = Date.parse(`${date}T${time}Z`) / 1000;
          // Every minute in which that time can occur; offsets change at or to whole minutes.
          const seconds = Array.from(
            { length: 60 * 52 },
            (_, index) => midnight + (index - 26 * 60) * 60,
          )
            .flatMap((each) => [each, each + 30])
            .filter((each) => shown(each).startsWith(`${date}T${time}`));
          const { start, end } = read(`${date}T${time}`, name);
          if (seconds.length === 0) {
            expect(end).toBe(start + 1n);
            return;
          }
          const [first, last] = [Number(start / 1_000_000n), Number(end / 1_000_000n) - 1];
          expect(seconds.every((each) => each >= first && each <= last)).toBe(true);
          expect(shown(first).slice(0, 16)).toBe(`${date}T${time}`);
          expect(shown(last).slice(0, 16)).toBe(`${date}T${time}`);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});
