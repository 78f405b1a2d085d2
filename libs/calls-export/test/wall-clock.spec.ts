/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "America/New_York"}
 */
import * as fc from 'fast-check';
import { LOCAL_CLOCK, type WallClock } from '../src/lib/reading/wall-clock';

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
const HOUR = 3_600_000_000n;

/** Whether a local time is among those since an instant. */
function isSince(clock: WallClock, instant: bigint, shown: bigint): boolean {
  const { from, except } = clock.since(instant);
  return shown >= from && !(except && shown >= except[0] && shown < except[1]);
}

describe('The local clock of a process in New York', () => {
  it('reads a local time as Date does', () => {
    const times = fc.date({
      min: new Date('0001-01-03'),
      max: new Date('9999-12-29'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, (shown) => {
        const read = new Date(shown.toISOString().slice(0, -1));
        expect(LOCAL_CLOCK.instantOf(BigInt(shown.getTime()) * 1000n + 7n)).toBe(
          BigInt(read.getTime()) * 1000n + 7n,
        );
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);

  it.each(['2023-03-12T07:00:00Z', '2023-11-05T06:00:00Z', '1967-04-30T07:00:00Z'])(
    'finds the local times since an instant, around the change of %s',
    (move) => {
      const distance = fc.bigInt({ min: -30n * HOUR, max: 30n * HOUR });
      fc.assert(
        fc.property(distance, distance, (toInstant, toShown) => {
          const [instant, shown] = [micros(move) + toInstant, micros(move) + toShown];
          expect(isSince(LOCAL_CLOCK, instant, shown)).toBe(
            LOCAL_CLOCK.instantOf(shown) >= instant,
          );
        }),
        { numRuns: 700 },
      );
    },
    60_000,
  );
});
