import { EventEmitter } from 'node:events';
import { types as pgTypes } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { withClockAhead } from '../../../../test/clock-ahead';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata } from '../../entities/column-use';
import type { ColumnKind, ExportColumn } from '../../model/export-column';
import { LOCAL_CLOCK, UTC_CLOCK } from '../wall-clock';
import { PostgresColumns } from './postgres-columns';

// OIDs of types (PostgreSQL's pg_type.dat).
const [INT8, INT2, INT4, NUMERIC, BOOL] = [20, 21, 23, 1700, 16];
const [TEXT, VARCHAR, BPCHAR, NAME, JSON_TYPE] = [25, 1043, 1042, 19, 114];
const [TIMESTAMP, TIMESTAMPTZ, DATE_TYPE] = [1114, 1184, 1082];
const [UUID, CIDR, INET] = [2950, 650, 869];
/** An enum, and the last OID of a built-in type. */
const [ENUM, LAST_BUILT_IN] = [16_384, 16_383];

const AS_TEXT = "CASE WHEN call.x IS NULL THEN 'n' ELSE concat('v', call.x) END";

type Parser = (text: string) => unknown;
interface Server {
  readonly encoding?: string;
  /** The driver's parsers by OID. */
  readonly parsers?: Record<number, Parser>;
  readonly dataSource?: DataSource;
  /** Thrown by statements that contain its message. */
  readonly failure?: Error;
}

/** A fake of TypeORM's driver that only parses Dates and applies transformers. */
const dataSourceOf = () =>
  ({
    driver: {
      prepareHydratedValue: (value: unknown, { transformer, type }: ColumnMetadata) => {
        const from = transformer as undefined | { from(value: unknown): unknown };
        const hydrated = type === Date && value !== null ? new Date(value as string) : value;
        return from ? from.from(hydrated) : hydrated;
      },
    },
  }) as unknown as DataSource;

const metadataOf = (propertyPath: string, own: object = {}) =>
  ({
    propertyPath,
    entityMetadata: { name: 'Call' },
    ...own,
  }) as unknown as ColumnMetadata;

/** Describes columns of calls with these types on a fake server, and records its queries. */
async function describeColumns(
  columns: readonly (readonly [ColumnMetadata, number])[],
  { encoding = 'UTF8', parsers = {}, dataSource = dataSourceOf(), failure }: Server = {},
) {
  const queries: unknown[] = [];
  const connection = new EventEmitter();
  const runner = {
    async query(sql: string, parameters?: unknown[]) {
      queries.push(parameters ? [sql, parameters] : sql);
      if (failure && sql.includes(failure.message)) throw failure;
      if (sql.includes('current_setting')) return [{ encoding }];
      const fields = columns.map(([, dataTypeID]) => ({ dataTypeID }));
      connection.emit('rowDescription', { fields });
      return [];
    },
  } as unknown as QueryRunner;
  const repository = {
    createQueryBuilder(alias: string, own: unknown) {
      const words = [alias, own === runner ? 'by the runner' : 'by another'];
      const builder = {
        setOption: (option: string) => words.push(option) && builder,
        where: (condition: string) => words.push(`WHERE ${condition}`) && builder,
        select: (value: string, as: string) => words.push(`SELECT ${value} AS ${as}`) && builder,
        addSelect: (value: string, as: string) => words.push(`, ${value} AS ${as}`) && builder,
        getQueryAndParameters: () => [words.join(' '), ['parameter']],
      };
      return builder;
    },
  };
  const exported: ExportColumn[] = [];
  const entities = {
    dataSource,
    usedColumns: (requested: unknown) => {
      expect(requested).toBe(exported);
      return [[{ repository }, columns.map(([column]) => column)]];
    },
  } as unknown as CallsEntities;
  const client = {
    connection,
    getTypeParser: (oid: number, format: string) =>
      parsers[format === 'text' ? oid : NaN] ?? (pgTypes.getTypeParser(oid, 'text') as Parser),
  };
  const work = PostgresColumns.describe(entities, exported, runner, client);
  const described = await work.catch((error: unknown) => error as Error);
  return { described: described as PostgresColumns, queries, connection, dataSource };
}

async function fieldOf(
  kind: ColumnKind,
  oid: number,
  { mask, column = {}, ...server }: Server & { mask?: Parser; column?: object } = {},
) {
  const metadata = metadataOf('x', column);
  const { described } = await describeColumns([[metadata, oid]], server);
  const exported = { kind, mask } as ExportColumn;
  return withClockAhead(330, () => described.field(exported, 'call.x', metadata));
}

describe('PostgresColumns', () => {
  it('queries the types without rows, and the encoding once per DataSource', async () => {
    const columns = [
      [metadataOf('id'), INT8],
      [metadataOf('own.status'), TEXT],
    ] as const;
    const { queries, connection, dataSource } = await describeColumns(columns);
    const types = [
      'described by the runner disable-global-order WHERE 1 = 0 ' +
        'SELECT (described.id) AS c0 , (described.own.status) AS c1',
      ['parameter'],
    ];
    expect(queries).toEqual([types, "SELECT current_setting('client_encoding') AS encoding"]);
    expect(connection.listenerCount('rowDescription')).toBe(0);
    expect((await describeColumns(columns, { dataSource })).queries).toEqual([types]);
  });

  it('queries the encoding again if that failed', async () => {
    const columns = [[metadataOf('id'), INT8]] as const;
    const dataSource = dataSourceOf();
    const failure = new Error('client_encoding');
    const failed = await describeColumns(columns, { dataSource, failure });
    expect(failed.described).toBe(failure);
    const again = await describeColumns(columns, { dataSource });
    expect(again.queries).toHaveLength(2);
    expect(again.described).toBeInstanceOf(PostgresColumns);
  });

  it('rejects with the error of the statement', async () => {
    const failure = new Error('described');
    const { described, connection } = await describeColumns([[metadataOf('id'), INT8]], {
      failure,
    });
    expect(described).toBe(failure);
    expect(connection.listenerCount('rowDescription')).toBe(0);
  });

  it.each([
    ['exact', [INT2, INT4, INT8, UUID]],
    ['padded', [BPCHAR, CIDR, INET]],
    ['loose', [TEXT, VARCHAR, NAME, ENUM, NUMERIC]],
  ])('reports the equality %s for the types %j', async (equality, oids) => {
    const columns = oids.map((oid) => [metadataOf(String(oid)), oid] as const);
    const { described } = await describeColumns(columns);
    expect(columns.map(([column]) => described.equality(column))).toEqual(oids.map(() => equality));
  });
});

describe('PostgresColumns.field', () => {
  it.each<[ColumnKind, number, string]>([
    ['integer', INT2, 'integer'],
    ['integer', INT4, 'integer'],
    ['integer', INT8, 'integer'],
    ['text', UUID, 'uuid'],
    ['text', TEXT, 'text'],
    ['text', VARCHAR, 'text'],
    ['text', BPCHAR, 'text'],
    ['text', NAME, 'text'],
    ['time', TIMESTAMPTZ, 'time'],
    ['time', TIMESTAMP, 'local time'],
  ])('copies the kind %s and type %d directly: %s', async (kind, oid, reading) => {
    expect(await fieldOf(kind, oid)).toEqual({ sql: 'call.x', reading });
  });

  it('casts an enum to text', async () => {
    expect(await fieldOf('text', ENUM)).toEqual({ sql: 'CAST(call.x AS text)', reading: 'text' });
  });

  it('copies times without a zone as UTC if the driver reads them so', async () => {
    const parsers = { [TIMESTAMP]: (text: string) => new Date(`${text}Z`) };
    expect(await fieldOf('time', TIMESTAMP, { parsers })).toEqual({
      sql: 'call.x',
      reading: 'time',
    });
  });

  const transformer = { from: (value: unknown) => value, to: (value: unknown) => value };
  const OTHER: Parser = () => 'something else';
  const ANY: [ColumnKind, number][] = [
    ['integer', INT4],
    ['text', UUID],
    ['text', TEXT],
    ['text', ENUM],
    ['time', TIMESTAMPTZ],
    ['time', TIMESTAMP],
  ];
  it.each<[string, ColumnKind, number, Parameters<typeof fieldOf>[2]]>([
    ['of another type', 'integer', NUMERIC, {}],
    ['of another type', 'integer', TEXT, {}],
    ['of another type', 'decimal', INT4, {}],
    ['of another type', 'boolean', BOOL, {}],
    ['of another type', 'text', INT4, {}],
    ['of another type', 'text', JSON_TYPE, {}],
    ['of another type', 'text', LAST_BUILT_IN, {}],
    ['of another type', 'text', TIMESTAMPTZ, {}],
    ['of another type', 'time', DATE_TYPE, {}],
    ['of another type', 'time', INT8, {}],
    ['of another type', 'decimal', UUID, {}],
    ['of another type', 'decimal', TEXT, {}],
    ['of another type', 'decimal', TIMESTAMP, {}],
    ...ANY.map(
      ([kind, oid]) =>
        ['with a transformer', kind, oid, { column: { transformer } }] as [
          string,
          ColumnKind,
          number,
          object,
        ],
    ),
    ...ANY.map(
      ([kind, oid]) =>
        ['with a mask', kind, oid, { mask: String }] as [string, ColumnKind, number, object],
    ),
    ['with another parser', 'text', UUID, { parsers: { [UUID]: (text) => text.toUpperCase() } }],
    ['with another parser', 'text', TEXT, { parsers: { [TEXT]: OTHER } }],
    ['with another parser', 'time', TIMESTAMPTZ, { parsers: { [TIMESTAMPTZ]: OTHER } }],
    ['with another parser', 'time', TIMESTAMP, { parsers: { [TIMESTAMP]: OTHER } }],
    ['in another encoding', 'text', TEXT, { encoding: 'LATIN1' }],
    ['in another encoding', 'text', ENUM, { encoding: 'SQL_ASCII' }],
  ])('converts the text of a column %s: %s of %d', async (_, kind, oid, more) => {
    const { sql, reading } = await fieldOf(kind, oid, more);
    expect(sql).toBe(AS_TEXT);
    expect(reading).toEqual(expect.any(Function));
  });

  it.each(['2023-01-15 10:00:00', '2023-07-15 22:30:15.25', '1969-12-31 23:59:59'])(
    'converts the text of times if the driver reads one differently: %s',
    async (odd) => {
      for (const [oid, end] of [
        [TIMESTAMPTZ, '+00'],
        [TIMESTAMP, ''],
      ] as const) {
        const read = pgTypes.getTypeParser(oid, 'text') as Parser;
        const parsers = {
          [oid]: (text: string) => (text === `${odd}${end}` ? new Date(0) : read(text)),
        };
        expect((await fieldOf('time', oid, { parsers })).sql).toBe(AS_TEXT);
      }
    },
  );

  it('converts text with the driver, TypeORM and the mask', async () => {
    const { reading } = await fieldOf('text', INT4, {
      column: { transformer: { from: (value: unknown) => `from ${typeof value} ${value}` } },
      mask: (value) => `masked ${value}`,
    });
    const convert = reading as (text: string) => unknown;
    expect(convert('v7')).toBe('masked from number 7');
    expect(convert('v')).toBe('masked from number NaN');
    expect(convert('n')).toBe('masked from object null');
  });

  it('tells null from text by the first letter', async () => {
    const { reading } = await fieldOf('text', TEXT, { encoding: 'LATIN1' });
    const convert = reading as (text: string) => unknown;
    expect(['n', 'v', 'vn', 'vvv'].map(convert)).toEqual([null, '', 'n', 'vv']);
  });
});

describe('PostgresColumns.clock', () => {
  const clockOf = async (oid: number, parser?: Parser, column: object = {}) => {
    const metadata = metadataOf('startedAt', column);
    const parsers = parser ? { [oid]: parser } : {};
    const { described } = await describeColumns([[metadata, oid]], { parsers });
    return withClockAhead(330, () => described.clock(metadata));
  };
  const REFUSED =
    "Calls can't be filtered by Call.startedAt: it must be a timestamp column that the driver " +
    "reads in UTC or in the process's time zone";

  it('returns undefined for instants', async () => {
    expect(await clockOf(TIMESTAMPTZ)).toBeUndefined();
  });

  it('returns the clock by which the driver reads the column', async () => {
    expect(await clockOf(TIMESTAMP, (text) => new Date(text))).toBe(LOCAL_CLOCK);
    expect(await clockOf(TIMESTAMP, (text) => text)).toBe(LOCAL_CLOCK);
    expect(await clockOf(TIMESTAMP, (text) => new Date(`${text}Z`))).toBe(UTC_CLOCK);
  });

  it('ignores transformers', async () => {
    const transformer = { from: () => 'something else' };
    const utc = (text: string) => new Date(`${text}Z`);
    expect(await clockOf(TIMESTAMP, utc, { transformer, type: Date })).toBe(UTC_CLOCK);
  });

  it('throws for other types, or if the driver reads times in another way', async () => {
    await expect(clockOf(DATE_TYPE)).rejects.toThrow(REFUSED);
    await expect(clockOf(TEXT, (text) => new Date(text))).rejects.toThrow(REFUSED);
    await expect(clockOf(TIMESTAMP, (text) => new Date(`${text}-02:00`))).rejects.toThrow(REFUSED);
  });
});
