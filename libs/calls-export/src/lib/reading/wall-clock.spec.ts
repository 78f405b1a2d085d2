import * as fc from 'fast-check';
import { fixedClock, LOCAL_CLOCK, UTC_CLOCK, type WallClock } from './wall-clock';

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
const HOUR = 3_600_000_000n;

/** Whether a time of the clock is among those since an instant. */
function isSince(clock: WallClock, instant: bigint, shown: bigint): boolean {
  const { from, except } = clock.since(instant);
  return shown >= from && !(except && shown >= except[0] && shown < except[1]);
}

describe('A wall clock', () => {
  it('that is in UTC shows the instant', () => {
    expect(UTC_CLOCK.instantOf(5n)).toBe(5n);
    expect(UTC_CLOCK.since(5n)).toEqual({ from: 5n });
  });

  it('that is ahead shows more', () => {
    const clock = fixedClock(330);
    expect(clock.instantOf(micros('2023-10-30T15:30:00Z'))).toBe(micros('2023-10-30T10:00:00Z'));
    expect(clock.since(micros('2023-10-30T10:00:00Z'))).toEqual({
      from: micros('2023-10-30T15:30:00Z'),
    });
  });

  it('of this process reads a time as a Date does', () => {
    const times = fc.date({ min: new Date('0001-01-03'), max: new Date('9999-12-29') });
    fc.assert(
      fc.property(times, (shown) => {
        fc.pre(!Number.isNaN(shown.getTime()));
        const read = new Date(shown.toISOString().slice(0, -1));
        expect(LOCAL_CLOCK.instantOf(BigInt(shown.getTime()) * 1000n + 7n)).toBe(
          BigInt(read.getTime()) * 1000n + 7n,
        );
      }),
    );
  });

  // A run in another zone looks at other moves of the clock; New York's are in March and November, those of Europe in March and October.
  it('of this process is asked for the times that it means', () => {
    const around = fc.constantFrom(
      '2023-03-12T07:00:00Z',
      '2023-11-05T06:00:00Z',
      '2023-03-26T01:00:00Z',
    );
    const distance = fc.bigInt({ min: -30n * HOUR, max: 30n * HOUR });
    fc.assert(
      fc.property(around, distance, distance, (move, toInstant, toShown) => {
        const instant = micros(move) + toInstant;
        const shown = micros(move) + toShown;
        expect(isSince(LOCAL_CLOCK, instant, shown)).toBe(LOCAL_CLOCK.instantOf(shown) >= instant);
      }),
      { numRuns: 2_000 },
    );
  });
});
