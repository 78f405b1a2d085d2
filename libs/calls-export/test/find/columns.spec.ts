import * as fc from 'fast-check';
import type { ObjectLiteral } from 'typeorm';
import type { CallsExportColumn, OwnColumn, StandardColumnKey } from '../../src';
import { casesOf, describeKinds } from './describe-kinds';
import {
  assistantsSchema,
  callsSchema,
  type Columns,
  type DatabaseType,
  type HostEntities,
} from './entities';
import { expectFound, FindHost } from './find-host';
import { ADDITIONAL, type AdditionalColumn, RETYPED } from './additional-columns';

const STANDARD: readonly StandardColumnKey[] = [
  'id',
  'call_sid',
  'assistant_name',
  'customer_phone_number',
  'status',
  'duration',
  'started_at',
  'ended_at',
];
const VIEWS = 6;

const propertiesOf = (additional: readonly AdditionalColumn[]): Columns =>
  Object.fromEntries(
    additional.map(({ key, column }) => [
      key,
      { name: `${key}_column`, nullable: true, ...column },
    ]),
  );

function ownColumns(
  additional: readonly AdditionalColumn[],
  of: 'call' | 'assistant',
): OwnColumn[] {
  const prefix = of === 'call' ? '' : 'assistant_';
  return additional.map(({ key, kind, mask }) => ({
    key: prefix + key,
    property: key,
    of,
    kind,
    mask,
  }));
}

/** Entities with all additional columns, and a few random views of them. */
function hostOf(type: DatabaseType, additional: readonly AdditionalColumn[]): HostEntities {
  const all: CallsExportColumn[] = [
    ...STANDARD,
    ...ownColumns(additional, 'call'),
    ...ownColumns(additional, 'assistant'),
  ];
  const views = fc.sample(fc.shuffledSubarray(all, { minLength: 2, maxLength: 8 }), VIEWS);
  const columns = propertiesOf(additional);
  return {
    calls: { entity: callsSchema(type, columns) },
    assistants: { entity: assistantsSchema(type, columns) },
    columns: all,
    views: Object.fromEntries(views.map((view, index) => [`view${index}`, view])),
  };
}

/** Enough rows for each value of each column, and null. */
function rowsOf(additional: readonly AdditionalColumn[]): ObjectLiteral[] {
  const most = Math.max(...additional.map(({ values }) => values.length)) + 1;
  return Array.from({ length: most }, (_, row) =>
    Object.fromEntries(
      additional.map(({ key, values }) => [key, [null, ...values][row % (values.length + 1)]]),
    ),
  );
}

describeKinds('Additional columns', (database, type, kind) => {
  const additional = casesOf(
    ADDITIONAL.map((each) => ({ ...each, title: each.key })),
    kind,
  );
  const statements: string[] = [];
  const logger = {
    logQuery: (statement: string) => statements.push(statement),
    logQueryError: () => {},
    logQuerySlow: () => {},
    logSchemaBuild: () => {},
    logMigration: () => {},
    log: () => {},
  };

  async function start(): Promise<FindHost> {
    const entities = hostOf(type, additional);
    const host = await FindHost.connect(database, {
      entities,
      dataSource: { logging: ['query'], logger, ...(type === 'mariadb' && { timezone: 'Z' }) },
      formats: ['json', 'csv', 'ndjson', 'xlsx'],
    });
    for (const { key } of type === 'mariadb' ? additional : []) {
      for (const table of RETYPED[key] ? ['host_call', 'host_assistant'] : []) {
        await host.dataSource.query(`ALTER TABLE ${table} MODIFY ${key}_column ${RETYPED[key]}`);
      }
    }
    const rows = rowsOf(additional);
    await host.add(
      'assistants',
      ...rows.map((row, n) => ({ id: n + 1, accountId: 7, name: 'Bot', ...row })),
    );
    await host.add(
      'calls',
      ...rows.map((row, n) => ({
        id: n + 1,
        accountId: 7,
        callSid: 'CA',
        assistantId: n % 3 ? rows.length - n : null,
        ...row,
      })),
    );
    await host.startApps({ pageSize: 4 });
    return host;
  }

  it('of every kind are exported as find() returns them', async () => {
    const host = await start();
    expect((await expectFound(host, 7)).length).toBeGreaterThan(9);
  }, 30_000);

  it('are not queried for a view without them', async () => {
    const host = await start();
    for (const [view, columns] of Object.entries(host.entities.views ?? {})) {
      await host.find(() => true);
      statements.length = 0;
      await host.export(7, { view });
      const shown = columns.map((column) => (typeof column === 'string' ? column : column.key));
      expect(statements.length).toBeGreaterThan(0);
      for (const { key } of additional) {
        if (shown.some((each) => each.endsWith(key))) continue;
        expect(statements.filter((each) => each.includes(`${key}_column`))).toEqual([]);
      }
      for (const [key, property] of [
        ['ended_at', 'endedAt'],
        ['customer_phone_number', 'customerPhoneNumber'],
        ['call_sid', 'callSid'],
        ['assistant_name', 'name'],
      ] as const) {
        const names = new RegExp(`["\`.]${property}["\`]`);
        if (!shown.includes(key)) expect(statements.filter((each) => names.test(each))).toEqual([]);
      }
      await expectFound(host, 7, { view });
    }
  }, 30_000);
});
