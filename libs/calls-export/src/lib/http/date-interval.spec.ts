import * as fc from 'fast-check';
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
      '2023-10-30 10:05',
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
