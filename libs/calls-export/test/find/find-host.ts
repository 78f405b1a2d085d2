import { buffer } from 'node:stream/consumers';
import type { TestDatabase } from '@calls/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type DataSourceOptions, EntitySchema, type ObjectLiteral } from 'typeorm';
import {
  type AccountId,
  type CallsExportModuleOptions,
  CallsExportService,
  type CallsFilter,
} from '../../src';
import { importsOn, startApp } from '../exporting-host';
import { bareOptions, type HostEntities, typeOf } from './entities';
import { type Cells, cellsOf, columnsOf, findAll, type Found, type Owns } from './oracle';
import { emptyIsNull, READERS } from './read-cells';

export interface HostSetup {
  readonly entities: HostEntities;
  /** Entities besides those of calls and assistants. */
  readonly otherEntities?: DataSourceOptions['entities'];
  readonly dataSource?: Partial<DataSourceOptions> | object;
  readonly module?: CallsExportModuleOptions;
  /** DDL to run before the tables are created. */
  readonly before?: readonly string[];
  /** The formats to export. Default JSON and CSV. */
  readonly formats?: readonly (keyof typeof READERS)[];
  /** DDL that creates the tables instead of TypeORM. */
  readonly ddl?: readonly string[];
}

/** The calls of an account to export, and the view. */
export type Selection = CallsFilter & { readonly view?: string };

const opened: FindHost[] = [];

/** Closes the hosts that a test has opened. */
export function closeHostsAfterEach(): void {
  afterEach(async () => {
    for (const host of opened.splice(0).reverse()) await host.close();
  });
}

/** A host app with custom entities. On PostgreSQL it exports twice: by COPY and as rows. */
export class FindHost {
  private readonly apps: INestApplicationContext[] = [];

  private constructor(
    readonly dataSource: DataSource,
    readonly entities: HostEntities,
    private readonly formats: readonly (keyof typeof READERS)[] = ['json', 'csv'],
  ) {}

  /** Recreates the tables and starts the module. */
  static async start(database: TestDatabase, setup: HostSetup): Promise<FindHost> {
    const host = await FindHost.connect(database, setup);
    await host.startApps(setup.module);
    return host;
  }

  /** Recreates the tables without starting the module. */
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
    if (!ddl) await host.createTables();
    for (const sql of ddl ?? []) await dataSource.query(sql);
    return host;
  }

  private async createTables(): Promise<void> {
    const { dataSource } = this;
    for (const { tableType, tablePath } of dataSource.entityMetadatas) {
      if (tableType === 'view') continue;
      const path = tablePath.split('.').map((part) => dataSource.driver.escape(part));
      const cascade = dataSource.options.type === 'postgres' ? ' CASCADE' : '';
      await dataSource.query(`DROP TABLE IF EXISTS ${path.join('.')}${cascade}`);
    }
    await dataSource.synchronize();
  }

  /** @throws Error if the module fails to start. */
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

  /** Maps other entities of the same DataSource. Does not start the module. */
  withEntities(entities: HostEntities): FindHost {
    const host = new FindHost(this.dataSource, entities, this.formats);
    opened.push(host);
    return host;
  }

  /** Uses another DataSource, such as one with another user. Does not start the module. */
  on(dataSource: DataSource): FindHost {
    const host = new FindHost(dataSource, this.entities, this.formats);
    opened.push(host);
    return host;
  }

  get services(): CallsExportService[] {
    return this.apps.map((app) => app.get(CallsExportService));
  }

  /** Inserts rows with the same properties. Bypasses TypeORM's transformers. */
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

  /** SQLite stores times as the text that TypeORM writes. */
  private stored(value: unknown): unknown {
    if (!(value instanceof Date) || this.dataSource.options.type !== 'sqljs') return value;
    return value.toISOString().replace('T', ' ').replace('Z', '');
  }

  /** The cells that the file must have, by `find()`. */
  async find(owns: Owns, { view, ...filter }: Selection = {}): Promise<Cells[]> {
    return cellsOf(await this.findAll(), owns, filter, this.columnsOf(view));
  }

  private columnsOf(view?: string) {
    return view === undefined ? this.entities.columns : this.entities.views?.[view];
  }

  findAll(): Promise<Found> {
    return findAll(this.dataSource, this.entities);
  }

  /**
   * Exports in each format, and expects the same cells in all of them. With a filter, one format is
   * enough, since the cells are the same as without.
   */
  async export(account: AccountId, selection: Selection = {}): Promise<Cells[]> {
    const isFiltered = Object.keys(selection).some((key) => key !== 'view');
    const formats = isFiltered ? this.formats.slice(0, 1) : this.formats;
    const keys = columnsOf(this.columnsOf(selection.view)).map(({ key }) => key);
    let exported: Cells[] | undefined;
    for (const service of this.services) {
      for (const format of formats) {
        const file = await buffer(await service.export(account, { ...selection, format }));
        const cells = await READERS[format](file, keys);
        if (!exported) exported = cells;
        else if (format !== 'csv') expect(cells).toEqual(exported);
        else expect(cells).toEqual(exported.map(emptyIsNull));
      }
    }
    return exported as Cells[];
  }

  async count(
    account: AccountId,
    { view: _, ...filter }: Selection = {},
  ): Promise<number | undefined> {
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

/** Compares accounts as text, so that 7, 7n and '7' are the same. */
export const isAccount =
  (account: AccountId): Owns =>
  (property) =>
    String(property) === String(account);

/**
 * Expects the files and the count to match `find()`, in any order.
 *
 * @returns the cells, so that a test can check that there are any.
 */
export async function expectFound(
  host: FindHost,
  account: AccountId,
  filter: Selection = {},
  owns: Owns = isAccount(account),
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
