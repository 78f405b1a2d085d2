import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { type Statement, told } from '../../../test/entities-on';
import { dialectOf } from './dialects/dialect-of';
import { DateBounds, type DateRange } from './date-bounds';
import { fixedClock, type Since, type WallClock } from './wall-clock';

/** The conditions that a query is given, with their values. */
function conditions(
  interval: DateRange,
  clock: WallClock | undefined,
  type = 'postgres',
): string[] {
  const given: string[] = [];
  const query = {
    andWhere: (sql: string, values: Record<string, unknown>) => {
      const parameters: unknown[] = [];
      const placed = sql.replace(/:(\w+)/g, (_, name: string) => {
        parameters.push(values[name]);
        return '?';
      });
      const statement: Statement = [placed, parameters];
      given.push(told(statement));
    },
  };
  const bounds = new DateBounds(dialectOf(type), clock, interval);
  bounds.apply(query as unknown as SelectQueryBuilder<ObjectLiteral>, 'call.start');
  return given;
}

/** A clock that shows an instant as it is, from a time on but for a stretch. */
const clockOf = (since: (instant: bigint) => Since): WallClock => ({
  instantOf: (shown) => shown,
  since,
});

const T = (micros: string) => `'1970-01-01T00:00:00.${micros}'`;

describe('Bounds of starts', () => {
  it('are none where none are given', () => {
    expect(conditions({}, undefined)).toEqual([]);
  });

  it.each<[DateRange, string[]]>([
    [{ from: 0n }, [">= '1970-01-01T00:00:00.000000Z'"]],
    [{ before: 0n }, ["< '1970-01-01T00:00:00.000000Z'"]],
    [
      { from: -1_000_001n, before: -1n },
      [">= '1969-12-31T23:59:58.999999Z'", "< '1969-12-31T23:59:59.999999Z'"],
    ],
  ])('are instants in a column that keeps these, to the microsecond', (interval, bounds) => {
    expect(conditions(interval, undefined)).toEqual(bounds.map((bound) => `call.start ${bound}`));
  });

  it('are what the clock of the column shows', () => {
    const clock = fixedClock(-60);
    expect(conditions({ from: 1n, before: 3_600_000_000n }, clock)).toEqual([
      "call.start >= '1969-12-31T23:00:00.000001'",
      "call.start < '1970-01-01T00:00:00.000000'",
    ]);
  });

  it.each([
    ['an instant', undefined, 'instant'],
    ['what a wall clock shows', fixedClock(0), 'wall clock'],
  ])('are made a text as %s', (_title, clock, what) => {
    const timeText = jest.fn(() => 'text');
    const compareTime = jest.fn(() => '1 = 1');
    const query = { andWhere() {} } as unknown as SelectQueryBuilder<ObjectLiteral>;
    new DateBounds({ timeText, compareTime }, clock, { from: 5n }).apply(query, 'call.start');
    expect(timeText.mock.calls).toEqual([[5n, what]]);
  });

  it('are to the millisecond on SQLite, the first one that is not too early', () => {
    const [from, before] = conditions({ from: -1n, before: 1n }, fixedClock(0), 'sqljs');
    expect(from).toContain("call.start) >= '1970-01-01 00:00:00.000'");
    expect(before).toContain("call.start) < '1970-01-01 00:00:00.001'");
  });

  it('leave out a stretch of what the clock shows from the first one on', () => {
    const clock = clockOf((instant) => ({ from: instant, except: [instant + 2n, instant + 4n] }));
    expect(conditions({ from: 1n }, clock)).toEqual([
      `call.start >= ${T('000001')}`,
      `NOT (call.start >= ${T('000003')} AND call.start < ${T('000005')})`,
    ]);
  });

  it('take in that stretch before the first one that is too late', () => {
    const clock = clockOf((instant) => ({ from: instant, except: [instant + 2n, instant + 4n] }));
    expect(conditions({ before: 1n }, clock)).toEqual([
      `call.start < ${T('000005')}`,
      `NOT (call.start >= ${T('000001')} AND call.start < ${T('000003')})`,
    ]);
  });

  it('keep both stretches apart', () => {
    const clock = clockOf((instant) => ({ from: instant, except: [instant + 2n, instant + 4n] }));
    expect(conditions({ from: 1n, before: 100n }, clock)).toEqual([
      `call.start >= ${T('000001')}`,
      `NOT (call.start >= ${T('000003')} AND call.start < ${T('000005')})`,
      `call.start < ${T('000104')}`,
      `NOT (call.start >= ${T('000100')} AND call.start < ${T('000102')})`,
    ]);
  });
});
