import { withClockMovedAt } from '../../../test/moved-clock';
import { fixedClock, LOCAL_CLOCK, localInstant, splitMicros, UTC_CLOCK } from './wall-clock';

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
const MINUTE = 60_000_000n;
const HOUR = 60n * MINUTE;

describe('splitMicros', () => {
  it.each<[bigint, number, bigint]>([
    [0n, 0, 0n],
    [999n, 0, 999n],
    [1_000n, 1, 0n],
    [1_698_660_000_000_001n, 1_698_660_000_000, 1n],
    [-1n, -1, 999n],
    [-999n, -1, 1n],
    [-1_000n, -1, 0n],
    [-1_001n, -2, 999n],
  ])('splits %d µs into milliseconds and the remaining microseconds', (all, ms, rest) => {
    expect(splitMicros(all)).toEqual([ms, rest]);
  });
});

describe('A clock with a fixed offset', () => {
  it('shows the instant as it is for UTC', () => {
    for (const instant of [5n, -5n]) {
      expect(UTC_CLOCK.instantOf(instant)).toBe(instant);
      expect(UTC_CLOCK.since(instant)).toEqual({ from: instant });
    }
  });

  it.each([
    ['ahead', 330, '2023-10-30T10:00:00Z', '2023-10-30T15:30:00Z'],
    ['behind', -210, '1970-01-01T00:00:00Z', '1969-12-31T20:30:00Z'],
  ])('adds the offset if it is %s', (_title, minutes, instant, shown) => {
    const clock = fixedClock(minutes);
    expect(clock.instantOf(micros(shown) + 1n)).toBe(micros(instant) + 1n);
    expect(clock.since(micros(instant) - 1n)).toEqual({ from: micros(shown) - 1n });
  });
});

/** The start of DST in New York in 2023, but not on the hour or a full second. */
const MOVE = '2023-03-12T07:10:20.345Z';
const MOVED = micros(MOVE);

describe.each([
  ['west of UTC', -300],
  ['east of UTC', 330],
])('LOCAL_CLOCK %s', (_title, minutes) => {
  const ahead = BigInt(minutes) * MINUTE;
  /** The local time at the change, with the old offset. */
  const before = MOVED + ahead;
  let restore: () => void;
  afterEach(() => restore());

  describe('that goes forward by an hour', () => {
    const after = before + HOUR;
    beforeEach(() => {
      restore = withClockMovedAt(MOVE, minutes, minutes + 60);
    });

    it.each<[string, bigint, bigint]>([
      ['a time before the change', before - 1n, MOVED - 1n],
      ['the first time after the change', after, MOVED],
      ['a later one', after + 5n, MOVED + 5n],
      ['a skipped time, with the old offset', before + 7n, MOVED + 7n],
      ['the last skipped time', after - 1n, MOVED + HOUR - 1n],
      ['a time in winter', before - 5000n * HOUR, MOVED - 5000n * HOUR],
      ['a time in summer', after + 5000n * HOUR, MOVED + 5000n * HOUR],
    ])('converts %s', (_name, shown, instant) => {
      expect(LOCAL_CLOCK.instantOf(shown)).toBe(instant);
    });

    it.each<[string, bigint, object]>([
      ['long before', MOVED - 27n * HOUR, { from: before - 27n * HOUR }],
      ['a day before', MOVED - 24n * HOUR, { from: before - 24n * HOUR }],
      ['just before', MOVED - 1n, { from: before - 1n }],
      ['at the change', MOVED, { from: before }],
      [
        'just after, except for skipped times that stand for earlier instants',
        MOVED + 1n,
        { from: before + 1n, except: [after, after + 1n] },
      ],
      [
        'an hour after, less a bit',
        MOVED + HOUR - 1n,
        { from: after - 1n, except: [after, after + HOUR - 1n] },
      ],
      ['an hour after', MOVED + HOUR, { from: after + HOUR }],
      ['long after', MOVED + 27n * HOUR, { from: after + 27n * HOUR }],
      ['in the summer', MOVED + 5000n * HOUR, { from: after + 5000n * HOUR }],
    ])('returns the local times since an instant: %s', (_name, instant, since) => {
      expect(LOCAL_CLOCK.since(instant)).toEqual(since);
    });
  });

  describe('that goes back by an hour', () => {
    const after = before - HOUR;
    beforeEach(() => {
      restore = withClockMovedAt(MOVE, minutes, minutes - 60);
    });

    it.each<[string, bigint, bigint]>([
      ['a time before the change', after - 1n, MOVED - HOUR - 1n],
      ['the first ambiguous time, as its first occurrence', after, MOVED - HOUR],
      ['the last ambiguous time', before - 1n, MOVED - 1n],
      ['the first time after the ambiguous ones', before, MOVED + HOUR],
    ])('converts %s', (_name, shown, instant) => {
      expect(LOCAL_CLOCK.instantOf(shown)).toBe(instant);
    });

    it.each<[string, bigint, object]>([
      ['just before', MOVED - 1n, { from: before - 1n }],
      ['at the change', MOVED, { from: before }],
      [
        'just after, from the first time that does not stand for an earlier instant',
        MOVED + 1n,
        { from: before },
      ],
      ['an hour after, less a bit', MOVED + HOUR - 1n, { from: before }],
      ['an hour after', MOVED + HOUR, { from: before }],
      ['more than an hour after', MOVED + HOUR + 1n, { from: before + 1n }],
      ['long after', MOVED + 27n * HOUR, { from: after + 27n * HOUR }],
    ])('returns the local times since an instant: %s', (_name, instant, since) => {
      expect(LOCAL_CLOCK.since(instant)).toEqual(since);
    });
  });

  describe('that changed long ago', () => {
    beforeEach(() => {
      restore = withClockMovedAt('0050-06-01T00:00:00.000Z', minutes - 30, minutes);
    });

    it.each([
      ['0001-01-02T03:04:05.006Z', 30],
      ['0050-05-31T00:00:00.000Z', 30],
      ['0050-06-03T00:00:00.000Z', 0],
      ['0099-12-31T00:00:00.999Z', 0],
      ['0100-01-01T00:00:00.000Z', 0],
      ['1950-07-08T09:10:11.012Z', 0],
      ['1969-12-31T23:59:59.999Z', 0],
      ['9999-12-30T23:59:59.999Z', 0],
    ])('converts a time of any year: %s', (shown, later) => {
      const instant = Date.parse(shown) - (minutes - later) * 60_000;
      expect(localInstant(Date.parse(shown))).toBe(instant);
      expect(LOCAL_CLOCK.instantOf(micros(shown) + 999n)).toBe(BigInt(instant) * 1000n + 999n);
      expect(LOCAL_CLOCK.since(BigInt(instant) * 1000n + 999n)).toEqual({
        from: micros(shown) + 999n,
      });
    });
  });
});
