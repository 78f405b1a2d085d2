import type { EntitySchemaColumnOptions } from 'typeorm';
import { CallsExportModule, type CallsExportModuleOptions, type ColumnKind } from '../../src';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { type HostEntities, hostEntities } from './entities';
import { FindHost } from './find-host';
import { expectRefused } from './refused';

type Column = Partial<EntitySchemaColumnOptions>;

describe('CallsExportModule.forRoot rejects', () => {
  const own = { key: 'price', property: 'price', kind: 'decimal' };

  it.each<[string, unknown, RegExp]>([
    [
      'no columns',
      { columns: [] },
      /option columns must be a list of at least one column, got \[\]/,
    ],
    ['columns that are not a list', { columns: {} }, /option columns must be a list of columns/],
    ['columns that are null', { columns: null }, /option columns must be a list of columns/],
    ['a column that is null', { columns: [null] }, /must have a key for each column, got null/],
    [
      'a column without a key',
      { columns: [{ title: 'Price' }] },
      /must have a key for each column/,
    ],
    [
      'an unknown standard column',
      { columns: ['id', 'price'] },
      /has the column price, which is not a standard column \(id, .*property/,
    ],
    ['a duplicate standard column', { columns: ['id', 'status', 'id'] }, /has the column id twice/],
    [
      'a duplicate key',
      { columns: ['status', { ...own, key: 'status' }] },
      /has the column status twice/,
    ],
    [
      'a property without a kind',
      { columns: [{ key: 'price', property: 'price' }] },
      /incomplete column price: property and kind/,
    ],
    [
      'an empty property',
      { columns: [{ ...own, property: '' }] },
      /incomplete column price: property/,
    ],
    [
      'an unknown kind',
      { columns: [{ ...own, kind: 'money' }] },
      /price of unknown kind money\. Accepted: integer, decimal/,
    ],
    ['an unknown entity', { columns: [{ ...own, of: 'agent' }] }, /call or assistant/],
    [
      'an empty title',
      { columns: [{ ...own, title: '' }] },
      /price whose title is not a non-empty string/,
    ],
    [
      'a mask that is not a function',
      { columns: [{ ...own, mask: '***' }] },
      /price whose mask is not a function/,
    ],
    [
      'an unknown property of a column',
      { columns: [{ ...own, header: 'Price' }] },
      /price with unknown member header\. Accepted: key, title/,
    ],
    [
      'a standard column of another entity',
      { columns: [{ key: 'status', of: 'assistant' }] },
      /standard column status with of .* Accepted without property: key, title, kind, mask, description, example/,
    ],
    [
      'an example of another kind',
      { columns: [{ ...own, example: 'cheap' }] },
      /price whose example is not of kind decimal: 'cheap'/,
    ],
    [
      'a standard column of assistants if assistants is false',
      { columns: ['assistant_name'], assistants: false },
      /assistant column assistant_name, but assistants is false/,
    ],
    [
      'a property of assistants if assistants is false',
      { columns: [{ ...own, of: 'assistant' }], assistants: false },
      /assistant column price/,
    ],
    ['views that are null', { views: null }, /option views must be an object/],
    ['views without names', { views: [['id']] }, /option views must be an object/],
    [
      'a view without columns',
      { views: { analyst: [] } },
      /option views.analyst must be a list of at least one column, got \[\]/,
    ],
    [
      'a view named default',
      { views: { default: ['id'] } },
      /cannot define the view default: the option columns defines it/,
    ],
    [
      'a duplicate column in a view',
      { views: { analyst: ['id', 'id'] } },
      /option views.analyst has the column id twice/,
    ],
    [
      'idsGrow that is not a boolean',
      { calls: { entity: class Call {}, idsGrow: 'yes' } },
      /option calls must be .* idsGrow \(true or false\)/,
    ],
  ])('%s', (_, options, sentence) => {
    expect(() => CallsExportModule.forRoot(options as CallsExportModuleOptions)).toThrow(sentence);
  });
});

interface RefusedCase extends KindCase {
  readonly kind: ColumnKind;
  readonly column: Column;
}

const PG = 'postgres';
const CASES: readonly RefusedCase[] = [
  { title: 'JSON', on: [PG, 'mariadb'], kind: 'text', column: { type: 'json' } },
  { title: 'binary JSON', on: [PG], kind: 'decimal', column: { type: 'jsonb' } },
  { title: 'simple-json', kind: 'text', column: { type: 'simple-json' } },
  { title: 'simple-array', kind: 'text', column: { type: 'simple-array' } },
  { title: 'an array', on: [PG], kind: 'integer', column: { type: 'int', array: true } },
  { title: 'an array', on: [PG], kind: 'boolean', column: { type: 'boolean', array: true } },
  { title: 'an array', on: [PG], kind: 'text', column: { type: 'text', array: true } },
  { title: 'bytes', on: [PG], kind: 'text', column: { type: 'bytea' } },
  { title: 'bytes', on: ['mariadb', 'sqljs'], kind: 'text', column: { type: 'blob' } },
  { title: 'an interval', on: [PG], kind: 'text', column: { type: 'interval' } },
  { title: 'an interval', on: [PG], kind: 'integer', column: { type: 'interval' } },
  { title: 'money', on: [PG], kind: 'decimal', column: { type: 'money' } },
  { title: 'a string', kind: 'decimal', column: { type: 'varchar' } },
  { title: 'a string', kind: 'boolean', column: { type: 'varchar' } },
  { title: 'a string', kind: 'time', column: { type: 'varchar' } },
  { title: 'a number with a fraction', kind: 'integer', column: { type: 'decimal' } },
  { title: 'a number with a fraction', kind: 'boolean', column: { type: 'float' } },
  { title: 'a boolean', kind: 'integer', column: { type: 'boolean' } },
  { title: 'a time', kind: 'text', column: { type: Date } },
  { title: 'a time', kind: 'integer', column: { type: Date } },
  { title: 'an integer', kind: 'time', column: { type: 'bigint' } },
  { title: 'a time of day', on: [PG, 'mariadb'], kind: 'time', column: { type: 'time' } },
  { title: 'a date', kind: 'time', column: { type: 'date' } },
];

describeKinds('The module fails to start with', (database, type, kind) => {
  const start = (entities: HostEntities) => FindHost.connect(database, { entities });

  it.each(casesOf(CASES, kind))('$title as a column of the kind $kind', async (each) => {
    const additional = { x: { nullable: true, ...each.column } };
    const own = { key: 'x_key', property: 'x', kind: each.kind };
    await expectRefused(
      start({ ...hostEntities(type, additional), columns: ['id', own] }),
      'HostCall',
      '.x ',
    );
    await expectRefused(
      start({
        ...hostEntities(type, {}, additional),
        views: { other: [{ ...own, of: 'assistant' }] },
      }),
      'HostAssistant',
      '.x ',
    );
  });

  it.each([
    ['started_at', 'text', 'startedAt'],
    ['started_at', 'integer', 'startedAt'],
    ['status', 'boolean', 'status'],
    ['id', 'time', 'id'],
    ['id', 'boolean', 'id'],
  ] as const)(
    'the column %s, which queries also use, as the kind %s',
    async (key, of, property) => {
      const entities = hostEntities(
        type,
        key === 'id' ? { id: { type: 'varchar' }, createdAt: { type: Date } } : {},
      );
      await expectRefused(
        start({ ...entities, columns: [{ key, kind: of }] }),
        'HostCall',
        property,
      );
    },
  );

  it.each(['call', 'assistant'] as const)('an unknown property of a %s', async (of) => {
    const columns = [{ key: 'x', property: 'price.amount', kind: 'decimal', of }] as const;
    const entity = of === 'call' ? 'HostCall' : 'HostAssistant';
    await expectRefused(
      start({ ...hostEntities(type), columns }),
      `${entity} has no property`,
      'price.amount',
    );
  });

  it.each<[string, Column]>([
    ['strings', { type: 'varchar' }],
    ...(type === 'sqljs' ? [] : [['UUIDs', { type: 'uuid' }] as [string, Column]]),
  ])('IDs that are %s, without createdAt or idsGrow', async (_, id) => {
    const { calls, assistants } = hostEntities(type, { id });
    await expectRefused(
      start({ calls, assistants }),
      'HostCall.id',
      "properties: { createdAt: '…' }",
    );
    await expectRefused(start({ calls, assistants }), 'createdAt', 'idsGrow: true');
    const host = await start({ calls: { ...calls, idsGrow: true }, assistants });
    await host.startApps();
  });

  it.each<[string, Column]>([
    ['a string', { type: 'varchar' }],
    ['a number with a fraction', { type: 'float' }],
  ])('createdAt that is %s', async (_, createdAt) => {
    const { calls, assistants } = hostEntities(type, { madeAt: createdAt });
    const mapped = { ...calls, properties: { createdAt: 'madeAt' } };
    await expectRefused(
      start({ calls: mapped, assistants }),
      'HostCall',
      'madeAt must be a timestamp or integer column',
    );
  });
});
