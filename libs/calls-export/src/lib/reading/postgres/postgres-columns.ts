import type { DataSource, QueryRunner } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata } from '../../entities/column-use';
import type { Cell } from '../../formats/file-format';
import type { ExportColumn } from '../../model/export-column';
import type { ColumnFacts, Equality, ExportedValue } from '../dialects/dialect';
import { hydrate } from '../dialects/hydrate';
import { selectValues } from '../select-values';
import { toCell } from '../to-cell';
import { LOCAL_CLOCK, UTC_CLOCK, type WallClock } from '../wall-clock';
import type { FieldReading } from './binary-rows';
import type { PgClient, PgMessages } from './pg-client';

/** OIDs of types (PostgreSQL's `pg_type.dat`). */
const OID = {
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  name: 19,
  bpchar: 1042,
  varchar: 1043,
  timestamp: 1114,
  timestamptz: 1184,
  uuid: 2950,
  cidr: 650,
  inet: 869,
} as const;

const INTEGERS: readonly number[] = [OID.int2, OID.int4, OID.int8];
/** Types whose binary format is their text. */
const TEXTS: readonly number[] = [OID.text, OID.varchar, OID.bpchar, OID.name];
/** Types for which a cast to text differs from the text sent: it drops the padding or adds a netmask. */
const PADDED: readonly number[] = [OID.bpchar, OID.cidr, OID.inet];
/** OIDs from here on belong to extensions and users (enums, citext). These types are cast to text. */
const FIRST_OWN_TYPE = 16_384;

const SAMPLE_UUID = '0b5c0a1e-0000-4000-8000-0000000000ff';

/** In winter, in summer with a fraction, and before 1970. */
const SAMPLE_TIMES = ['2023-01-15 10:00:00', '2023-07-15 22:30:15.25', '1969-12-31 23:59:59'];

/** How to read a column with binary COPY. */
export interface CopiedField {
  /** The expression to select. */
  readonly sql: string;
  readonly reading: FieldReading;
}

/** The client encoding of each DataSource. */
const encodings = new WeakMap<DataSource, Promise<string>>();

/** The columns of an export: their types on the server, and how the driver and TypeORM read them. */
export class PostgresColumns implements ColumnFacts {
  private constructor(
    private readonly dataSource: DataSource,
    private readonly types: ReadonlyMap<ColumnMetadata, number>,
    private readonly encoding: string,
    private readonly client: PgClient,
  ) {}

  /** Queries the server for the types. The runner must be in a transaction with the settings of an export. */
  static async describe(
    entities: CallsEntities,
    exported: readonly ExportColumn[],
    runner: QueryRunner,
    client: unknown,
  ): Promise<PostgresColumns> {
    const { dataSource } = entities;
    const pg = client as PgClient;
    const types = new Map<ColumnMetadata, number>();
    for (const [{ repository }, columns] of entities.usedColumns(exported)) {
      const values = columns.map(({ propertyPath }) => `described.${propertyPath}`);
      const query = repository
        .createQueryBuilder('described', runner)
        .setOption('disable-global-order');
      const [sql, parameters] = selectValues(query.where('1 = 0'), values).getQueryAndParameters();
      const oids = await typesOf(sql, parameters as unknown[], runner, pg);
      columns.forEach((column, index) => types.set(column, oids[index] as number));
    }
    let encoding = encodings.get(dataSource);
    if (!encoding) {
      encoding = encodingOf(runner);
      encodings.set(dataSource, encoding);
      encoding.catch(() => encodings.delete(dataSource));
    }
    return new PostgresColumns(dataSource, types, await encoding, pg);
  }

  equality(column: ColumnMetadata): Equality {
    const oid = this.oid(column);
    if (INTEGERS.includes(oid) || oid === OID.uuid) return 'exact';
    return PADDED.includes(oid) ? 'padded' : 'loose';
  }

  clock(column: ColumnMetadata): WallClock | undefined {
    const oid = this.oid(column);
    if (oid === OID.timestamptz) return undefined;
    const clock = this.clockRead(oid, column);
    if (clock) return clock;
    throw new Error(
      `Calls can't be filtered by ${column.entityMetadata.name}.${column.propertyPath}: ` +
        "it must be a timestamp column that the driver reads in UTC or in the process's time zone",
    );
  }

  /**
   * Returns how to copy a column: directly if that gives the same value as TypeORM, otherwise as text that
   * the driver and TypeORM convert.
   */
  field(exported: ExportColumn, expression: string, column: ColumnMetadata): CopiedField {
    const { kind, mask } = exported;
    const oid = this.oid(column);
    const as = (reading: FieldReading, sql = expression): CopiedField => ({ sql, reading });
    if (!column.transformer && !mask) {
      if (kind === 'integer' && INTEGERS.includes(oid)) return as('integer');
      if (kind === 'text' && oid === OID.uuid && this.parse(oid, SAMPLE_UUID) === SAMPLE_UUID) {
        return as('uuid');
      }
      if (kind === 'text' && this.isPlainText(oid)) {
        return as('text', oid >= FIRST_OWN_TYPE ? `CAST(${expression} AS text)` : expression);
      }
      if (kind === 'time' && oid === OID.timestamptz && this.readsInstants(column)) {
        return as('time');
      }
      if (kind === 'time') {
        const clock = this.clockRead(oid, column);
        if (clock) return as(clock === UTC_CLOCK ? 'time' : 'local time');
      }
    }
    const read = this.hydrate(exported, oid, column);
    // The prefix tells a null ('n') from a text ('v…'); a call without an assistant has neither.
    // `concat` gives the text that the server would send.
    const sql = `CASE WHEN ${expression} IS NULL THEN 'n' ELSE concat('v', ${expression}) END`;
    return as((text) => read(text === 'n' ? null : text.slice(1)), sql);
  }

  private oid(column: ColumnMetadata): number {
    return this.types.get(column) as number;
  }

  /** Whether the bytes sent are the value in UTF-8, without a parser that changes them. */
  private isPlainText(oid: number): boolean {
    const isText = TEXTS.includes(oid) || oid >= FIRST_OWN_TYPE;
    return isText && this.encoding === 'UTF8' && this.parse(oid, 'v') === 'v';
  }

  private parse(oid: number, text: string): unknown {
    return this.client.getTypeParser(oid, 'text')(text);
  }

  private hydrate(
    exported: ExportedValue,
    oid: number,
    column: ColumnMetadata,
  ): (text: string | null) => Cell | undefined {
    const read = hydrate(exported, column, this.dataSource);
    return (text) => read(text === null ? null : this.parse(oid, text));
  }

  private readsInstants(column: ColumnMetadata): boolean {
    const read = this.hydrate({ kind: 'time' }, OID.timestamptz, column);
    return SAMPLE_TIMES.every((time) => read(`${time}+00`) === toCell('time', `${time}Z`));
  }

  /** Returns the clock by which the driver reads times without a zone. Host apps may change the parser. */
  private clockRead(oid: number, column: ColumnMetadata): WallClock | undefined {
    if (oid !== OID.timestamp) return undefined;
    const plain: ColumnMetadata = Object.create(column, { transformer: { value: undefined } });
    const read = this.hydrate({ kind: 'time' }, oid, plain);
    const isReadAs = (zone: string) =>
      SAMPLE_TIMES.every((time) => read(time) === toCell('time', `${time}${zone}`));
    // `new Date` reads a time without a zone as local.
    if (isReadAs('')) return LOCAL_CLOCK;
    return isReadAs('Z') ? UTC_CLOCK : undefined;
  }
}

/** Returns the OIDs of the values that a query selects. */
async function typesOf(
  sql: string,
  parameters: unknown[],
  runner: QueryRunner,
  { connection }: PgClient,
): Promise<number[]> {
  let types: number[] = [];
  const take = ({ fields }: PgMessages['rowDescription']) => {
    types = fields.map(({ dataTypeID }) => dataTypeID);
  };
  connection.on('rowDescription', take);
  try {
    await runner.query(sql, parameters);
  } finally {
    connection.off('rowDescription', take);
  }
  return types;
}

async function encodingOf(runner: QueryRunner): Promise<string> {
  const [row] = await runner.query("SELECT current_setting('client_encoding') AS encoding");
  return (row as { encoding: string }).encoding;
}
