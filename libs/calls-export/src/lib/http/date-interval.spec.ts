import * as fc from 'fast-check';
import { type Shown, shownIn, UNUSUAL_DAYS, ZONES } from '../../../test/shown-in';
import { TimeZone } from '../model/time-zone';
import { DateInterval } from './date-interval';

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

describe('DateInterval', () => {
  it.each([
    ['2023-10-30', '2023-10-30T00:00:00Z', '2023-10-31T00:00:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['2023-10-30T10:05', '2023-10-30T10:05:00Z', '2023-10-30T10:06:00Z'],
    ['2023-10-30T10:05:00', '2023-10-30T10:05:00Z', '2023-10-30T10:05:01Z'],
    ['2023-10-30T10:05:00Z', '2023-10-30T10:05:00Z', '2023-10-30T10:05:01Z'],
    ['2023-10-30T10:05:00.5', '2023-10-30T10:05:00.500Z', '2023-10-30T10:05:00.600Z'],
    ['2023-10-30T10:05:00,250Z', '2023-10-30T10:05:00.250Z', '2023-10-30T10:05:00.251Z'],
    ['2023-10-30T10:05:00+02:00', '2023-10-30T08:05:00Z', '2023-10-30T08:05:01Z'],
    ['2023-10-30T10:05:00 02:00', '2023-10-30T08:05:00Z', '2023-10-30T08:05:01Z'],
    ['2023-10-30T10:05-0530', '2023-10-30T15:35:00Z', '2023-10-30T15:36:00Z'],
    ['2023-10-30 10:05:00Z', '2023-10-30T10:05:00Z', '2023-10-30T10:05:01Z'],
    ['2023-10-30t10:05:00z', '2023-10-30T10:05:00Z', '2023-10-30T10:05:01Z'],
    ['2023-10-30 10:05:00.5z', '2023-10-30T10:05:00.500Z', '2023-10-30T10:05:00.600Z'],
    ['2023-10-30 10:05', '2023-10-30T10:05:00Z', '2023-10-30T10:06:00Z'],
    ['2023-10-30 10:05:00+02:00', '2023-10-30T08:05:00Z', '2023-10-30T08:05:01Z'],
    ['2023-10-30 10:05:00 02:00', '2023-10-30T08:05:00Z', '2023-10-30T08:05:01Z'],
    ['2023-10-30 10:05 02', '2023-10-30T08:05:00Z', '2023-10-30T08:06:00Z'],
    ['2023-10-30 02:00', '2023-10-30T02:00:00Z', '2023-10-30T02:01:00Z'],
    ['2023-10-30T23:59:59-01', '2023-10-31T00:59:59Z', '2023-10-31T01:00:00Z'],
    ['9999-12-31', '9999-12-31T00:00:00Z', '+010000-01-01T00:00:00Z'],
  ])('%s runs from %s to %s', (text, start, end) => {
    expect(DateInterval.parse(text)).toEqual({ start: micros(start), end: micros(end) });
  });

  it('takes a bound between two microseconds to the later one', () => {
    const second = micros('2023-10-30T10:05:00Z');
    expect(DateInterval.parse('2023-10-30T10:05:00.1234567')).toEqual({
      start: second + 123457n,
      end: second + 123457n,
    });
    expect(DateInterval.parse('2023-10-30T10:05:00.123456')).toEqual({
      start: second + 123456n,
      end: second + 123457n,
    });
  });

  it.each([
    ...[
      '2023-02-29',
      '2023-02-31',
      '2023-13-01',
      '2023-00-10',
      '2023-10-00',
      '2023',
      '2023-10',
      '2023-W44',
      '20231030',
    ],
    ...[
      '2023-10-30T',
      '2023-10-30T10',
      '2023-10-30T24:00',
      '2023-10-30T10:60',
      '2023-10-30T10:05:60',
      '2023-10-30Z',
    ],
    ...[
      '2023-10-30  10:05',
      '2023-10-30+10:05',
      '2023-10-30_10:05',
      '2023-10-30\t10:05',
      '2023-10-30 10:05 Z',
      '2023-10-30 10:05:00 +02:00',
      '2023-10-30 10',
      '2023-10-30 ',
      '2023-10-30z',
      '2023-10-30T10:05:00+24:00',
      '2023-10-30T10:05:00+2',
      '2023-10-30T10:05:00.',
      ' 2023-10-30',
    ],
    ...[
      '2023-10-30\n',
      '٢٠٢٣-١٠-٣٠',
      '-2023-10-30',
      '+002023-10-30',
      'now',
      '1698624000',
      '2023-10-30T10:05:00Z\0',
    ],
  ])('refuses %j', (text) => {
    expect(DateInterval.parse(text)).toBeUndefined();
  });

  it('reads every instant that JavaScript writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(DateInterval.parse(date.toISOString())?.start).toBe(
            BigInt(date.getTime()) * 1000n,
          );
        },
      ),
    );
  });
});

describe('DateInterval in a zone', () => {
  const read = (text: string, name: string) => {
    const zone = TimeZone.of(name);
    const interval = zone && DateInterval.parse(text, zone);
    if (!interval) throw new Error(`${text} in ${name} is nothing`);
    return interval;
  };

  it.each([
    ['2023-10-30', 'UTC', '2023-10-30T00:00:00Z', '2023-10-31T00:00:00Z'],
    ['2023-10-30', 'Europe/Berlin', '2023-10-29T23:00:00Z', '2023-10-30T23:00:00Z'],
    ['2023-10-30T10:05', 'Europe/Berlin', '2023-10-30T09:05:00Z', '2023-10-30T09:06:00Z'],
    ['2023-07-30T10:05:00.5', 'Europe/Berlin', '2023-07-30T08:05:00.5Z', '2023-07-30T08:05:00.6Z'],
    // An offset says all.
    ['2023-10-30T10:05:00Z', 'Europe/Berlin', '2023-10-30T10:05:00Z', '2023-10-30T10:05:01Z'],
    ['2023-10-30T10:05:00z', 'Europe/Berlin', '2023-10-30T10:05:00Z', '2023-10-30T10:05:01Z'],
    ['2023-10-30T10:05+05:30', 'Europe/Berlin', '2023-10-30T04:35:00Z', '2023-10-30T04:36:00Z'],
    // Days of 23 and 25 hours.
    ['2023-03-26', 'Europe/Berlin', '2023-03-25T23:00:00Z', '2023-03-26T22:00:00Z'],
    ['2023-10-29', 'Europe/Berlin', '2023-10-28T22:00:00Z', '2023-10-29T23:00:00Z'],
    // The hour that is there twice: from its first to its second.
    ['2023-10-29T02:30', 'Europe/Berlin', '2023-10-29T00:30:00Z', '2023-10-29T01:31:00Z'],
    ['2023-10-29T02:00:00', 'Europe/Berlin', '2023-10-29T00:00:00Z', '2023-10-29T01:00:01Z'],
    ['2023-10-29T01:59', 'Europe/Berlin', '2023-10-28T23:59:00Z', '2023-10-29T00:00:00Z'],
    ['2023-10-29T02:59', 'Europe/Berlin', '2023-10-29T00:59:00Z', '2023-10-29T02:00:00Z'],
    ['2023-10-29T03:00', 'Europe/Berlin', '2023-10-29T02:00:00Z', '2023-10-29T02:01:00Z'],
    // The hour that is not there: the instant of the jump, which is a microsecond.
    ['2023-03-26T02:30', 'Europe/Berlin', '2023-03-26T01:00:00Z', 1n],
    ['2023-03-26T02:00:00', 'Europe/Berlin', '2023-03-26T01:00:00Z', 1n],
    ['2023-03-26T02:59:59.9', 'Europe/Berlin', '2023-03-26T01:00:00Z', 1n],
    ['2023-03-26T02:30:00.1234567', 'Europe/Berlin', '2023-03-26T01:00:00Z', 1n],
    ['2023-03-26T03:00', 'Europe/Berlin', '2023-03-26T01:00:00Z', '2023-03-26T01:01:00Z'],
    ['2023-03-26T01:59', 'Europe/Berlin', '2023-03-26T00:59:00Z', '2023-03-26T01:00:00Z'],
    // Days that begin at one o'clock.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
    ['2018-11-04T00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', 1n],
    ['2023-04-28', 'Africa/Cairo', '2023-04-27T22:00:00Z', '2023-04-28T21:00:00Z'],
    ['2023-04-27', 'Africa/Cairo', '2023-04-26T22:00:00Z', '2023-04-27T22:00:00Z'],
    // Midnight twice: within the day, and at its end.
    ['2023-11-05', 'America/Havana', '2023-11-05T04:00:00Z', '2023-11-06T05:00:00Z'],
    ['2018-02-17', 'America/Sao_Paulo', '2018-02-17T02:00:00Z', '2018-02-18T03:00:00Z'],
    ['2018-02-18', 'America/Sao_Paulo', '2018-02-18T03:00:00Z', '2018-02-19T03:00:00Z'],
    // A minute past midnight, back into the day before: the two share an hour.
    ['2010-11-06', 'America/St_Johns', '2010-11-06T02:30:00Z', '2010-11-07T03:30:00Z'],
    ['2010-11-07', 'America/St_Johns', '2010-11-07T02:30:00Z', '2010-11-08T03:30:00Z'],
    // Samoa went without a day.
    ['2011-12-29', 'Pacific/Apia', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z'],
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z', 1n],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z'],
    // Half an hour, twice and not at all.
    ['2023-04-02T01:45', 'Australia/Lord_Howe', '2023-04-01T14:45:00Z', '2023-04-01T15:16:00Z'],
    ['2023-10-01T02:15', 'Australia/Lord_Howe', '2023-09-30T15:30:00Z', 1n],
    ['2023-10-01T02:30', 'Australia/Lord_Howe', '2023-09-30T15:30:00Z', '2023-09-30T15:31:00Z'],
    // Offsets with seconds.
    ['1971-06-01', 'Africa/Monrovia', '1971-06-01T00:44:30Z', '1971-06-02T00:44:30Z'],
    ['1972-01-07T00:10', 'Africa/Monrovia', '1972-01-07T00:44:30Z', 1n],
    ['1972-01-07', 'Africa/Monrovia', '1972-01-07T00:44:30Z', '1972-01-08T00:00:00Z'],
    // The ends of the years that a date may have.
    ['0000-01-01', 'Asia/Tokyo', '-000001-12-31T14:41:01Z', '0000-01-01T14:41:01Z'],
    ['9999-12-31', 'Asia/Tokyo', '9999-12-30T15:00:00Z', '9999-12-31T15:00:00Z'],
  ])('%s in %s runs from %s to %s', (text, name, start, end) => {
    expect(read(text, name)).toEqual({
      start: micros(start),
      end: typeof end === 'bigint' ? micros(start) + end : micros(end),
    });
  });

  it('has no instants if it is between two microseconds', () => {
    const second = micros('2023-10-30T09:05:00Z');
    expect(read('2023-10-30T10:05:00.1234567', 'Europe/Berlin')).toEqual({
      start: second + 123457n,
      end: second + 123457n,
    });
  });

  const day = fc
    .date({ min: new Date('1970-01-02'), max: new Date('2100-12-30'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const zonedDay = fc.oneof(
    fc.tuple(fc.constantFrom(...ZONES), day),
    fc.constantFrom(...UNUSUAL_DAYS),
  );

  /** Whether the clock is not put back over midnight, which would mix the two days. */
  function isPassedOnce(midnight: number, shown: Shown): boolean {
    const dates = Array.from({ length: 48 }, (_, index) =>
      shown(midnight + (index - 24) * 600).slice(0, 10),
    );
    return dates.every((date, index) => date >= (dates[index - 1] ?? ''));
  }

  it('that is a day has exactly the seconds at which Intl shows that day', () => {
    fc.assert(
      fc.property(
        zonedDay,
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
  });

  it('that is a minute runs from the first to the last second at which Intl shows it', () => {
    fc.assert(
      fc.property(zonedDay, fc.integer({ min: 0, max: 1439 }), ([name, date], minute) => {
        const time = new Date(minute * 60_000).toISOString().slice(11, 16);
        const shown = shownIn(name);
        const midnight = Date.parse(`${date}T${time}Z`) / 1000;
        // All minutes at which that may be, since clocks are moved at whole minutes, or to them.
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
      }),
      { numRuns: 150 },
    );
  });

  it('without one is that of UTC', () => {
    for (const text of ['2023-10-29', '2023-10-29T02:30', '2023-10-29 02:30:00.5']) {
      expect(DateInterval.parse(text)).toEqual(read(text, 'UTC'));
    }
  });
});
