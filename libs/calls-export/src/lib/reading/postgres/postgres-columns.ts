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

/** The types that are looked at, by their numbers in PostgreSQL's catalog (`pg_type.dat`). */
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
/** What is sent of these is their text, also in the binary format. */
const TEXTS: readonly number[] = [OID.text, OID.varchar, OID.bpchar, OID.name];
/** A cast to text gives another text of these than the driver: without the blanks, or with a netmask. */
const PADDED: readonly number[] = [OID.bpchar, OID.cidr, OID.inet];
/** The types of extensions and of users, such as enumerations and citext, have greater numbers: they are cast to their texts. */
const FIRST_OWN_TYPE = 16_384;

const SAMPLE_UUID = '0b5c0a1e-0000-4000-8000-0000000000ff';

/** In winter and in summer, and with a fraction. */
const SAMPLE_TIMES = ['2023-01-15 10:00:00', '2023-07-15 22:30:15.25', '1969-12-31 23:59:59'];

/** How a column is read by binary COPY. */
export interface CopiedField {
  /** What is selected. */
  readonly sql: string;
  readonly reading: FieldReading;
}

/** Of each DataSource: the encoding in which its sessions are sent texts. */
const encodings = new WeakMap<DataSource, Promise<string>>();

/** The columns of an export as the server has them, and as the host's driver and TypeORM read what it sends. */
export class PostgresColumns implements ColumnFacts {
  private constructor(
    private readonly dataSource: DataSource,
    private readonly types: ReadonlyMap<ColumnMetadata, number>,
    private readonly encoding: string,
    private readonly client: PgClient,
  ) {}

  /** Asks the server. The connection is of a transaction with the settings of an export. */
  static async describe(
    entities: CallsEntities,
    exported: readonly ExportColumn[],
    runner: QueryRunner,
    client: unknown,
  ): Promise<PostgresColumns> {
    const { dataSource } = entities;
    const pg = client as PgClient;
    const types = new Map<ColumnMetadata, number>();
    for (const [{ repository }, columns] of entities.used(exported)) {
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
        'its column must be of timestamps that the driver reads in UTC or in the time zone of the process',
    );
  }

  /** How a column is copied: as it is where that gives what TypeORM makes of it, else by what TypeORM makes of its text. */
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
    // Told apart: a call that has no assistant, an assistant's value that is null, and a text. `concat` writes what the server would send.
    const sql = `CASE WHEN ${expression} IS NULL THEN 'n' ELSE concat('v', ${expression}) END`;
    return as((text) => read(text === 'n' ? null : text.slice(1)), sql);
  }

  private oid(column: ColumnMetadata): number {
    return this.types.get(column) as number;
  }

  /** Whether the bytes that are sent are the value. In another encoding they are what the driver makes of them. */
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

  /** The clock by which the driver reads times without a zone; a host may have set how. */
  private clockRead(oid: number, column: ColumnMetadata): WallClock | undefined {
    if (oid !== OID.timestamp) return undefined;
    const plain: ColumnMetadata = Object.create(column, { transformer: { value: undefined } });
    const read = this.hydrate({ kind: 'time' }, oid, plain);
    const isReadAs = (zone: string) =>
      SAMPLE_TIMES.every((time) => read(time) === toCell('time', `${time}${zone}`));
    // Without a zone a Date is local.
    if (isReadAs('')) return LOCAL_CLOCK;
    return isReadAs('Z') ? UTC_CLOCK : undefined;
  }
}

/** The types of what a query selects. */
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
