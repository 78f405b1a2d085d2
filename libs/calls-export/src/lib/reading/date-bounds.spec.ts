import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { type Statement, told } from '../../../test/entities-on';
import { dialectOf } from './dialects/dialect-of';
import { DateBounds, type DateRange } from './date-bounds';
import { fixedClock, type Since, type WallClock } from './wall-clock';

/** The SQL conditions that are added to a query, with their values. */
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

/** A clock that shows UTC, with a fake `since`. */
const clockOf = (since: (instant: bigint) => Since): WallClock => ({
  instantOf: (shown) => shown,
  since,
});

const T = (micros: string) => `'1970-01-01T00:00:00.${micros}'`;

describe('DateBounds', () => {
  it('adds no condition without bounds', () => {
    expect(conditions({}, undefined)).toEqual([]);
  });

  it.each<[DateRange, string[]]>([
    [{ from: 0n }, [">= '1970-01-01T00:00:00.000000Z'"]],
    [{ before: 0n }, ["< '1970-01-01T00:00:00.000000Z'"]],
    [
      { from: -1_000_001n, before: -1n },
      [">= '1969-12-31T23:59:58.999999Z'", "< '1969-12-31T23:59:59.999999Z'"],
    ],
  ])('compares instants to the microsecond if the column stores instants', (interval, bounds) => {
    expect(conditions(interval, undefined)).toEqual(bounds.map((bound) => `call.start ${bound}`));
  });

  it('compares local times if the column stores those', () => {
    const clock = fixedClock(-60);
    expect(conditions({ from: 1n, before: 3_600_000_000n }, clock)).toEqual([
      "call.start >= '1969-12-31T23:00:00.000001'",
      "call.start < '1970-01-01T00:00:00.000000'",
    ]);
  });

  it.each([
    ['instants', undefined, 'instant'],
    ['local times', fixedClock(0), 'wall clock'],
  ])('formats bounds as %s', (_title, clock, what) => {
    const timeText = jest.fn(() => 'text');
    const compareTime = jest.fn(() => '1 = 1');
    const query = { andWhere() {} } as unknown as SelectQueryBuilder<ObjectLiteral>;
    new DateBounds({ timeText, compareTime }, clock, { from: 5n }).apply(query, 'call.start');
    expect(timeText.mock.calls).toEqual([[5n, what]]);
  });

  it('rounds bounds up to the millisecond on SQLite', () => {
    const [from, before] = conditions({ from: -1n, before: 1n }, fixedClock(0), 'sqljs');
    expect(from).toContain("call.start) >= '1970-01-01 00:00:00.000'");
    expect(before).toContain("call.start) < '1970-01-01 00:00:00.001'");
  });

  it('excludes local times after `from` that stand for earlier instants', () => {
    const clock = clockOf((instant) => ({ from: instant, except: [instant + 2n, instant + 4n] }));
    expect(conditions({ from: 1n }, clock)).toEqual([
      `call.start >= ${T('000001')}`,
      `NOT (call.start >= ${T('000003')} AND call.start < ${T('000005')})`,
    ]);
  });

  it('includes local times after `before` that stand for earlier instants', () => {
    const clock = clockOf((instant) => ({ from: instant, except: [instant + 2n, instant + 4n] }));
    expect(conditions({ before: 1n }, clock)).toEqual([
      `call.start < ${T('000005')}`,
      `NOT (call.start >= ${T('000001')} AND call.start < ${T('000003')})`,
    ]);
  });

  it('applies the exceptions of both bounds', () => {
    const clock = clockOf((instant) => ({ from: instant, except: [instant + 2n, instant + 4n] }));
    expect(conditions({ from: 1n, before: 100n }, clock)).toEqual([
      `call.start >= ${T('000001')}`,
      `NOT (call.start >= ${T('000003')} AND call.start < ${T('000005')})`,
      `call.start < ${T('000104')}`,
      `NOT (call.start >= ${T('000100')} AND call.start < ${T('000102')})`,
    ]);
  });
});
