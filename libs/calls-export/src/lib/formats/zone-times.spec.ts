import { columnOf } from '../../../test/column-of';
import { TimeZone } from '../model/time-zone';
import type { Cell } from './file-format';
import { timeSeconds, timeText, zoneTimes } from './zone-times';

const COLUMNS = [columnOf('id', 'integer'), columnOf('name', 'text'), columnOf('at', 'time')];
const ROWS: Cell[][] = [
  [1, '2023-07-01T12:00:00', '2023-07-01T12:00:00'],
  [2, null, '2023-12-31T23:30:00'],
  [3, '', null],
];

const timesIn = (name: string) => zoneTimes(COLUMNS, TimeZone.of(name));
const identity = (_bytes: Buffer, _at: number, seconds: number) => seconds;

describe('zoneTimes', () => {
  it.each([
    ['no zone', undefined],
    ['UTC', TimeZone.of('UTC')],
  ])('does not change times for %s', (_title, zone) => {
    const times = zoneTimes(COLUMNS, zone);
    expect(times.rows(ROWS)).toBe(ROWS);
    expect(times.writer(identity)).toBe(identity);
  });

  it.each([
    ['UTC', '0001-01-01T00:00:00', '9999-12-31T23:59:59'],
    ['America/New_York', '0001-01-01T04:56:02', '9999-12-31T23:59:59'],
    ['Europe/Berlin', '0001-01-01T00:00:00', '9999-12-31T22:59:59'],
    ['Asia/Tokyo', '0001-01-01T00:00:00', '9999-12-31T14:59:59'],
  ])('ranges over the years 1 to 9999 in both UTC and %s: from %s to %s', (name, first, last) =>
    expect(timesIn(name).range).toEqual({ first: timeSeconds(first), last: timeSeconds(last) }),
  );

  it('converts times in rows and nothing else', () => {
    expect(timesIn('Europe/Berlin').rows(ROWS)).toEqual([
      [1, '2023-07-01T12:00:00', '2023-07-01T14:00:00'],
      [2, null, '2024-01-01T00:30:00'],
      [3, '', null],
    ]);
    expect(timesIn('America/New_York').rows(ROWS)[1]).toEqual([2, null, '2023-12-31T18:30:00']);
  });

  it('wraps a function so that it writes times in the zone', () => {
    const bytes = Buffer.alloc(1);
    const write = jest.fn(() => 21);
    const inBerlin = timesIn('Europe/Berlin').writer(write);
    expect(inBerlin(bytes, 7, timeSeconds('2023-07-01T12:00:00'))).toBe(21);
    expect(write.mock.calls).toEqual([[bytes, 7, timeSeconds('2023-07-01T14:00:00')]]);
  });
});

describe('timeSeconds and timeText', () => {
  it.each([
    ['1970-01-01T00:00:00', 0],
    ['1969-12-31T23:59:59', -1],
    ['2023-10-30T10:00:00', 1_698_660_000],
    ['0001-01-01T00:00:00', -62_135_596_800],
    ['9999-12-31T23:59:59', 253_402_300_799],
  ])('turn %s into %d and back', (text, seconds) => {
    expect(timeSeconds(text)).toBe(seconds);
    expect(timeText(seconds)).toBe(text);
  });
});
