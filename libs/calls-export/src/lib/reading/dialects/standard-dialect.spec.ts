import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata } from '../../entities/column-use';
import { UTC_CLOCK } from '../wall-clock';
import type { Driver } from './dialect';
import { plainTime, poolSizeOf, StandardDialect } from './standard-dialect';

/** A dialect with stubs for the abstract members. */
class PlainDialect extends StandardDialect {
  readonly mayCopy = false;
  readonly indexes = async () => undefined;
  readonly isText = String;
  readonly timeText = String;
  readonly poolSize = () => 1;
}
const standard = new PlainDialect();

/** A DataSource whose driver converts strings to upper case, so that a test can tell whether it was used. */
const dataSource = {
  driver: {
    normalizeType: ({ type }: ColumnMetadata) => type,
    prepareHydratedValue: (value: unknown) =>
      typeof value === 'string' ? value.toUpperCase() : value,
  },
} as unknown as DataSource;

describe('StandardDialect', () => {
  it('has no session variables and scans the index on the assistant', () => {
    expect(standard.hasSettings).toBe(false);
    expect(standard.scansByAssistant).toBe(true);
  });

  it('compares values unchanged', () => {
    expect([1, '1', null].map((value) => standard.comparable(value))).toEqual([1, '1', null]);
    expect(standard.isOneOf('call.assistant', 'integer')).toBe('call.assistant IN (:...some)');
    expect(standard.asText('call.x')).toBe('CAST(call.x AS text)');
  });

  it('compares times unchanged', () => {
    expect(standard.compareTime('call.x', '<', ':to')).toBe('call.x < :to');
    expect(standard.compareTime('call.x', '>=', ':from')).toBe('call.x >= :from');
  });

  it('assumes loose text and times in UTC for every column', async () => {
    const nothing = {} as never;
    const facts = await standard.facts(nothing as CallsEntities, [], nothing, nothing);
    expect(facts.equality(nothing)).toBe('loose');
    expect(facts.clock(nothing)).toBe(UTC_CLOCK);
  });

  it('selects the maximum with a descending order and a limit', () => {
    const calls: unknown[] = [];
    const query = new Proxy({} as SelectQueryBuilder<ObjectLiteral>, {
      get:
        (_, method) =>
        (...of: unknown[]) => (calls.push([method, ...of]), query),
    });
    expect(standard.selectMaximum(query, 'call.id')).toBe(query);
    expect(calls).toEqual([
      ['andWhere', 'call.id IS NOT NULL'],
      ['select', '(CAST(call.id AS text))', 'c0'],
      ['orderBy', 'call.id', 'DESC'],
      ['limit', 1],
    ]);
  });

  it('converts row objects to arrays', async () => {
    const runner = {} as QueryRunner;
    const query = {
      setQueryRunner: (by: QueryRunner) => (by === runner ? query : undefined),
      getRawMany: async () => [
        { c0: 1, c1: null },
        { c0: 2, c1: 'b' },
      ],
    } as unknown as SelectQueryBuilder<ObjectLiteral>;
    expect(await standard.fetchRows(query, runner, dataSource)).toEqual([
      [1, null],
      [2, 'b'],
    ]);
  });

  it('has no transaction, replica or cancel request', async () => {
    expect(await standard.transaction({} as QueryRunner, {}, async () => 'done')).toBe('done');
    const driver = {} as Driver;
    expect(standard.onReplica(driver, 1)).toBe(driver);
    await expect(
      standard.cancel({}, () => {
        throw new Error('another connection');
      }),
    ).resolves.toBeUndefined();
    expect(() => standard.abandon(undefined)).not.toThrow();
  });
});

describe('StandardDialect.rowCell', () => {
  type Exported = Parameters<StandardDialect['rowCell']>[0];
  const cell = (exported: Exported, type: string, column: object = {}) =>
    standard.rowCell(exported, 'call.x', { type, ...column } as ColumnMetadata, dataSource);
  const transformer = { to: String, from: String };
  const mask = (value: unknown) => `masked ${String(value)}`;

  it('reads an integer from its digits', () => {
    const { sql, read } = cell({ kind: 'integer' }, 'bigint');
    expect(sql).toBe('CAST(call.x AS text)');
    expect(read('9007199254740993')).toBe(9007199254740993n);
    expect(read('x')).toBeUndefined();
  });

  it.each<[string, ReturnType<typeof cell>]>([
    ['is masked', cell({ kind: 'integer', mask }, 'bigint')],
    ['has a transformer', cell({ kind: 'integer' }, 'bigint', { transformer })],
    ['has another type', cell({ kind: 'integer' }, 'numeric')],
    ['is exported as text', cell({ kind: 'text' }, 'bigint')],
  ])('reads an integer through TypeORM if it %s', (_, { sql }) => {
    expect(sql).toBe('call.x');
  });

  it.each([
    '',
    'text',
    'tinytext',
    'mediumtext',
    'longtext',
    'char',
    'nchar',
    'varchar',
    'nvarchar',
    'character',
    'character varying',
    'citext',
    'uuid',
  ])('returns a string of the type "%s" unchanged', (type) => {
    const { sql, read } = cell({ kind: 'text' }, type);
    expect(sql).toBe('call.x');
    expect(read('a')).toBe('a');
    // Other values go through TypeORM.
    expect(read(7)).toBe('7');
    expect(read(null)).toBeNull();
  });

  it.each([
    'simple-enum',
    'enum',
    'xtext',
    'texts',
    'varchar2',
    'smalltext',
    'characters',
    'uuids',
  ])('reads text of the type %s through TypeORM', (type) => {
    expect(cell({ kind: 'text' }, type).read('a')).toBe('A');
  });

  it('applies a mask, a transformer or another kind to text', () => {
    expect(cell({ kind: 'text', mask }, 'text').read('a')).toBe('masked A');
    expect(cell({ kind: 'text' }, 'text', { transformer }).read('a')).toBe('A');
    expect(cell({ kind: 'decimal' }, 'text').read('1e5')).toBe('1E5');
    expect(cell({ kind: 'time' }, 'text').read('2023-10-30t10:00:00z')).toBe('2023-10-30T10:00:00');
  });
});

describe('poolSizeOf', () => {
  it.each([
    [{}, 10],
    [{ poolSize: 4 }, 4],
    [{ extra: {} }, 10],
    [{ extra: { max: 7 } }, 7],
    [{ extra: { max: '7' }, poolSize: 4 }, 7],
    [{ extra: { other: 7 }, poolSize: 4 }, 4],
  ])('returns for %j the size %i', (options, size) => {
    expect(poolSizeOf({ options } as unknown as DataSource, 'max')).toBe(size);
  });
});

describe('plainTime', () => {
  const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

  it.each([
    ['2023-10-30T10:00:00.001Z', 2n, '2023-10-30 10:00:00.001002'],
    ['2023-10-30T10:00:00.000Z', 999n, '2023-10-30 10:00:00.000999'],
    ['1969-12-31T23:59:59.999Z', 999n, '1969-12-31 23:59:59.999999'],
    ['0001-01-02T00:00:00Z', 1n, '0001-01-02 00:00:00.000001'],
    ['9999-12-30T23:59:59.999Z', 999n, '9999-12-30 23:59:59.999999'],
    // Clamped to a day before either end of the years that every database supports.
    ['0001-01-02T00:00:00Z', -1n, '0001-01-02 00:00:00.000000'],
    ['9999-12-31T00:00:00Z', 1n, '9999-12-31 00:00:00.000000'],
  ])('formats %s plus %i µs as %s', (iso, rest, text) => {
    expect(plainTime(micros(iso) + rest)).toBe(text);
  });
});
