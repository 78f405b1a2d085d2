import { buffer } from 'node:stream/consumers';
import type { TestDatabase } from '@calls/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { parse } from 'papaparse';
import { DataSource, type DataSourceOptions, EntitySchema, type ObjectLiteral } from 'typeorm';
import {
  type AccountId,
  type CallsExportModuleOptions,
  CallsExportService,
  type CallsFilter,
} from '../../src';
import { importsOn, startApp } from '../exporting-host';
import { readWorkbook, shownOf } from '../read-workbook';
import { bareOptions, type HostEntities, typeOf } from './entities';
import { type Cells, cellsOf, columnsOf, findAll, type Found, type Owns } from './oracle';

export interface HostSetup {
  readonly entities: HostEntities;
  /** Beside those of the calls and assistants. */
  readonly otherEntities?: DataSourceOptions['entities'];
  readonly dataSource?: Partial<DataSourceOptions> | object;
  readonly module?: CallsExportModuleOptions;
  /** What is run before the tables are made, as DDL that TypeORM lacks. */
  readonly before?: readonly string[];
  /** In which formats it is asked. Default JSON and CSV. */
  readonly formats?: readonly (keyof typeof READERS)[];
  /** The tables, where TypeORM can't make them as they should be. */
  readonly ddl?: readonly string[];
}

/** What JSON has bare is read as text, since `JSON.parse` would round numbers. Texts are passed over. */
const TOKENS = /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*|true|false)/g;

const READERS = {
  json: (file: Buffer) => readJson(String(file)),
  ndjson: (file: Buffer) => readNdjson(String(file)),
  csv: (file: Buffer, keys: readonly string[]) => readCsv(String(file), keys),
  xlsx: readXlsx,
};

/** Which calls of an account, and which view of them. */
export type Asked = CallsFilter & { readonly view?: string };

const opened: FindHost[] = [];

/** Closes what the tests of a suite have opened, after each of them. */
export function closeHostsAfterEach(): void {
  afterEach(async () => {
    for (const host of opened.splice(0).reverse()) await host.close();
  });
}

/**
 * A host with entities of its own, whose calls are exported and found. On PostgreSQL it exports both ways, by COPY and as
 * rows.
 */
export class FindHost {
  private readonly apps: INestApplicationContext[] = [];

  private constructor(
    readonly dataSource: DataSource,
    readonly entities: HostEntities,
    private readonly formats: readonly (keyof typeof READERS)[] = ['json', 'csv'],
  ) {}

  /** The tables are made anew. */
  static async start(database: TestDatabase, setup: HostSetup): Promise<FindHost> {
    const host = await FindHost.connect(database, setup);
    await host.startApps(setup.module);
    return host;
  }

  /** With the tables, but without the module. */
  static async connect({ url }: TestDatabase, setup: HostSetup): Promise<FindHost> {
    const { entities, otherEntities = [], before = [], ddl } = setup;
    const dataSource = await new DataSource({
      ...bareOptions(url),
      ...(typeOf(url) === 'postgres' && { poolSize: 4 }),
      entities: [
        entities.assistants.entity,
        entities.calls.entity,
        ...(otherEntities as EntitySchema[]),
      ],
      ...setup.dataSource,
    } as DataSourceOptions).initialize();
    const host = new FindHost(dataSource, entities, setup.formats);
    opened.push(host);
    for (const sql of before) await dataSource.query(sql);
    if (!ddl) await host.makeTables();
    for (const sql of ddl ?? []) await dataSource.query(sql);
    return host;
  }

  private async makeTables(): Promise<void> {
    const { dataSource } = this;
    for (const { tableType, tablePath } of dataSource.entityMetadatas) {
      if (tableType === 'view') continue;
      const path = tablePath.split('.').map((part) => dataSource.driver.escape(part));
      const cascade = dataSource.options.type === 'postgres' ? ' CASCADE' : '';
      await dataSource.query(`DROP TABLE IF EXISTS ${path.join('.')}${cascade}`);
    }
    await dataSource.synchronize();
  }

  /** @throws what the module refuses to start with. */
  async startApps(options?: CallsExportModuleOptions): Promise<void> {
    const isPostgres = this.dataSource.options.type === 'postgres';
    const ways = isPostgres ? [{ copy: true }, { copy: false }] : [{}];
    for (const way of ways) {
      this.apps.push(
        await startApp(
          importsOn(this.dataSource, {
            formulaGuard: false,
            ...this.entities,
            ...options,
            ...way,
          }),
        ),
      );
    }
  }

  /** The same rows as other entities of the DataSource, without the module. */
  withEntities(entities: HostEntities): FindHost {
    const host = new FindHost(this.dataSource, entities, this.formats);
    opened.push(host);
    return host;
  }

  /** The same entities in another DataSource, such as one of another user's, without the module. */
  on(dataSource: DataSource): FindHost {
    const host = new FindHost(dataSource, this.entities, this.formats);
    opened.push(host);
    return host;
  }

  get services(): CallsExportService[] {
    return this.apps.map((app) => app.get(CallsExportService));
  }

  /** Adds rows, of the same properties, as the database has them: past all that TypeORM would do to their values. */
  async add(entity: 'calls' | 'assistants', ...rows: ObjectLiteral[]): Promise<void> {
    const { metadata } = this.dataSource.getRepository(this.entities[entity].entity);
    const { driver } = this.dataSource;
    const table = metadata.tablePath.split('.').map((part) => driver.escape(part));
    const properties = Object.keys(rows[0] ?? {});
    const columns = properties.map((path) => {
      const column = metadata.findColumnWithPropertyPath(path);
      return driver.escape(column?.databaseName ?? path);
    });
    let parameters = 0;
    const parameter = () => (driver.options.type === 'postgres' ? `$${++parameters}` : '?');
    const lists = rows.map(() => `(${properties.map(parameter).join(', ')})`);
    await this.dataSource.query(
      `INSERT INTO ${table.join('.')} (${columns.join(', ')}) VALUES ${lists.join(', ')}`,
      rows.flatMap((row) => properties.map((property) => this.stored(row[property]))),
    );
  }

  /** SQLite has no times, but the texts that TypeORM writes. */
  private stored(value: unknown): unknown {
    if (!(value instanceof Date) || this.dataSource.options.type !== 'sqljs') return value;
    return value.toISOString().replace('T', ' ').replace('Z', '');
  }

  /** What `find()` gives, as cells. */
  async find(owns: Owns, { view, ...filter }: Asked = {}): Promise<Cells[]> {
    return cellsOf(await this.findAll(), owns, filter, this.columnsOf(view));
  }

  private columnsOf(view?: string) {
    return view === undefined ? this.entities.columns : this.entities.views?.[view];
  }

  findAll(): Promise<Found> {
    return findAll(this.dataSource, this.entities);
  }

  /**
   * The cells of the files, which are the same in each format, and by each way to read. With a filter one format is enough: it
   * picks rows, and the cells are those of the whole.
   */
  async export(account: AccountId, asked: Asked = {}): Promise<Cells[]> {
    const isFiltered = Object.keys(asked).some((key) => key !== 'view');
    const formats = isFiltered ? this.formats.slice(0, 1) : this.formats;
    const keys = columnsOf(this.columnsOf(asked.view)).map(({ key }) => key);
    let exported: Cells[] | undefined;
    for (const service of this.services) {
      for (const format of formats) {
        const file = await buffer(await service.export(account, { ...asked, format }));
        const cells = await READERS[format](file, keys);
        if (!exported) exported = cells;
        else if (format !== 'csv') expect(cells).toEqual(exported);
        // A CSV file has nothing for what is empty as well.
        else expect(cells).toEqual(exported.map(emptyIsNull));
      }
    }
    return exported as Cells[];
  }

  async count(account: AccountId, { view: _, ...filter }: Asked = {}): Promise<number | undefined> {
    const counts = await Promise.all(
      this.services.map((service) => service.count(account, filter)),
    );
    expect(new Set(counts).size).toBe(1);
    return counts[0];
  }

  async close(): Promise<void> {
    for (const app of this.apps) await app.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

function readJson(json: string): Cells[] {
  return JSON.parse(json.replace(TOKENS, (_, quoted, bare) => quoted ?? `"${bare}"`)) as Cells[];
}

function readNdjson(lines: string): Cells[] {
  return readJson(`[${lines.trimEnd().replaceAll('\n', ',')}]`);
}

function readCsv(csv: string, keys: readonly string[]): Cells[] {
  const { data, errors } = parse<string[]>(csv, { newline: '\r\n', skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data
    .slice(1)
    .map((row) => emptyIsNull(Object.fromEntries(keys.map((key, i) => [key, row[i] as string]))));
}

function emptyIsNull(cells: Cells): Cells {
  return Object.fromEntries(
    Object.entries(cells).map(([key, cell]) => [key, cell === '' ? null : cell]),
  );
}

/** The same account, whether it is a number, a bigint or their digits. */
export const is =
  (account: AccountId): Owns =>
  (property) =>
    String(property) === String(account);

/**
 * Expects the files and the count to have what `find()` gives, in any order.
 *
 * @returns what that is, so that a test can see that it is not nothing.
 */
export async function expectFound(
  host: FindHost,
  account: AccountId,
  filter: Asked = {},
  owns: Owns = is(account),
): Promise<Cells[]> {
  const found = await host.find(owns, filter);
  expect(byText(await host.export(account, filter))).toEqual(byText(found));
  expect(await host.count(account, filter)).toBe(found.length);
  return found;
}

function byText(rows: readonly Cells[]): Cells[] {
  const key = (cells: Cells) => JSON.stringify(Object.entries(cells).sort());
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function readXlsx(file: Buffer, keys: readonly string[]): Promise<Cells[]> {
  const [sheet] = await readWorkbook(file);
  const [, ...rows] = sheet?.rows ?? [];
  return rows.map(
    (row) => Object.fromEntries(row.map((cell, index) => [keys[index], shownOf(cell)])) as Cells,
  );
}
