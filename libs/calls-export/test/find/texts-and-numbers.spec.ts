// @slow
import type { EntitySchemaColumnOptions } from 'typeorm';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { type Columns, hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { unlessRefused } from './refused';
import { createDomain, createIcuCollation, type Retyped, retyped } from './retyped';

interface ColumnCase extends KindCase, Partial<Retyped> {
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** As the database takes them; null is added. */
  readonly values: readonly unknown[];
  /** What the module may refuse to export, as long as it exports nothing else. */
  readonly mayBeRefused?: boolean;
}

const [PG, SERVER] = ['postgres', 'PostgreSQL server'] as const;

const TEXTS = [
  '',
  ' ',
  '  a  ',
  'NULL',
  '\\N',
  '\\',
  '"',
  '""',
  "'",
  "''; --",
  'a,b',
  'a;b',
  'a\nb',
  'a\r\nb\r',
  '\t',
  '\u0001\u001f\u007f',
  '\u0080\u009f\u00a0',
  'é',
  'e\u0301',
  '☎',
  '😀👩‍👩‍👧',
  '\u2028\u2029',
  '\uffff\ufffd',
  '$1',
  ':status',
  '?',
  '{"a":1}',
  '[1]',
  '007',
  '1e3',
  'true',
  'x'.repeat(255),
];
const LONG = [...TEXTS, `"${'é'.repeat(20_000)}`];
const SHORT = TEXTS.filter((text) => [...text].length <= 8);
const PHONE = ['host_call.customerPhoneNumber'];
const FLOATS = [0, 1.5, -0.1, 1e20, 1e21, 1e-7, 123456789012];

const TEXT_COLUMNS: readonly ColumnCase[] = [
  { title: 'varchar', column: { type: 'varchar' }, values: TEXTS },
  { title: 'text', column: { type: 'text' }, values: LONG },
  { title: 'char(8)', on: [PG, 'mariadb'], column: { type: 'char', length: '8' }, values: SHORT },
  { title: 'citext', on: [SERVER], column: { type: 'citext' }, values: LONG },
  {
    title: 'text under a collation that is not deterministic',
    on: [SERVER],
    column: { type: 'text' },
    ...retyped(
      createIcuCollation('phone_letters', 'und-u-ks-level1'),
      'text COLLATE phone_letters',
      PHONE,
    ),
    values: TEXTS,
  },
  {
    title: 'domain over text',
    on: [PG],
    column: { type: 'text' },
    ...retyped(createDomain('phone_text', 'text'), 'phone_text', PHONE),
    values: TEXTS,
  },
  {
    title: 'domain over char(8)',
    on: [PG],
    column: { type: 'char', length: '8' },
    ...retyped(createDomain('phone_char', 'char(8)'), 'phone_char', PHONE),
    values: SHORT,
  },
  {
    title: 'name',
    on: [PG],
    column: { type: 'text' },
    ...retyped('SELECT 1', 'name', PHONE),
    values: ['a', ' ', 'é"', 'A b'],
  },
  {
    title: 'enum',
    on: [PG, 'mariadb'],
    column: { type: 'enum', enum: ['a', 'B', 'é', "o'n", 'c d', '1'], enumName: 'phone_enum' },
    values: ['a', 'B', 'é', "o'n", 'c d', '1'],
  },
  {
    title: 'uuid',
    on: [PG, 'mariadb'],
    column: { type: 'uuid' },
    values: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12'],
  },
  {
    title: 'inet',
    on: [PG],
    column: { type: 'inet' },
    values: ['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32', '10.0.0.1/32'],
  },
  { title: 'cidr', on: [PG], column: { type: 'cidr' }, values: ['10.0.0.0/8', '10.0.0.1/32'] },
  { title: 'macaddr', on: [PG], column: { type: 'macaddr' }, values: ['08:00:2b:01:02:03'] },
  {
    title: 'numeric',
    on: [PG],
    column: { type: 'numeric' },
    values: ['0', '-1.50', '1e20', '12345678901234567890.123456789', 'NaN', '0.00'],
  },
  {
    title: 'decimal(20,4)',
    on: ['mariadb'],
    column: { type: 'decimal', precision: 20, scale: 4 },
    values: ['0', '-1.50', '1234567890123456.7891'],
  },
  { title: 'float8', on: [PG], column: { type: 'float8' }, values: [...FLOATS, 'NaN', 'Infinity'] },
  { title: 'real', on: [PG], column: { type: 'real' }, values: [0, 0.1, 1e10, 16777217, 1e-7] },
  { title: 'double', on: ['mariadb'], column: { type: 'double' }, values: FLOATS },
  { title: 'float', on: ['mariadb'], column: { type: 'float' }, values: [0, 0.1, 1.5, 1e10] },
  { title: 'real', on: ['sqljs'], column: { type: 'real' }, values: FLOATS },
  { title: 'int', column: { type: 'int' }, values: [0, -7, 2147483647] },
  {
    title: 'bigint',
    on: [PG, 'mariadb'],
    column: { type: 'bigint' },
    values: ['9007199254740993'],
  },
  { title: 'boolean', column: { type: 'boolean' }, values: [true, false] },
  {
    title: 'text, in which there are numbers',
    on: ['sqljs'],
    column: { type: 'text' },
    values: [7, 1.5, 15551234567, '007'],
  },
  {
    title: 'numeric, in which there are texts',
    on: ['sqljs'],
    column: { type: 'numeric' },
    values: [7, 1.5, 'a', '007', '1.0', '+15551234567', 'x'],
  },
  { title: 'nvarchar', on: ['sqljs'], column: { type: 'nvarchar' }, values: TEXTS },
  { title: 'tinytext', on: ['mariadb'], column: { type: 'tinytext' }, values: SHORT },
  { title: 'longtext', on: ['mariadb'], column: { type: 'longtext' }, values: LONG },
  {
    title: 'varchar in latin1',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'latin1', collation: 'latin1_swedish_ci' },
    values: TEXTS.filter((text) => /^[\0-\x7f\xa0-\xff]*$/.test(text)),
  },
  {
    title: 'varchar in ucs2',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'ucs2', collation: 'ucs2_bin' },
    values: ['é', '☎', ''],
  },
  ...(
    [
      ['money', ['$1.50']],
      ['bit(3)', ['101']],
      ['xml', ['<a/>']],
      ['date', ['2023-10-30']],
      ['time', ['10:00:00.5']],
      ['timetz', ['10:00:00+02']],
      ['oid', [7]],
      ['tsvector', ["'a' 'b'"]],
    ] as const
  ).map(([name, values]): ColumnCase => ({
    title: name,
    on: [PG],
    column:
      name === 'oid'
        ? { type: 'text' }
        : { type: name.replace(/\(.*/, '') as never, ...(name === 'bit(3)' && { length: '3' }) },
    ...(name === 'oid' && retyped('SELECT 1', 'oid USING NULL', PHONE)),
    values,
    mayBeRefused: true,
  })),
  ...(
    [
      ['date', ['2023-10-30']],
      ['time', ['10:00:00']],
      ['year', [2023]],
    ] as const
  ).map(([name, values]): ColumnCase => ({
    title: name,
    on: ['mariadb'],
    column: { type: name },
    values,
    mayBeRefused: true,
  })),
];

const NUMBER_COLUMNS: readonly ColumnCase[] = [
  { title: 'int', column: { type: 'int' }, values: [0, -7, 2147483647, -2147483648] },
  { title: 'smallint', column: { type: 'smallint' }, values: [0, -7, 32767] },
  {
    title: 'bigint',
    on: [PG, 'mariadb'],
    column: { type: 'bigint' },
    values: ['0', '-7', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  },
  { title: 'bigint', on: ['sqljs'], column: { type: 'bigint' }, values: [0, -7, 2 ** 52] },
  {
    title: 'domain over int',
    on: [PG],
    column: { type: 'int' },
    ...retyped(createDomain('seconds', 'int CHECK (VALUE > -9)'), 'seconds', [
      'host_call.duration',
    ]),
    values: [0, -7, 2147483647],
  },
  { title: 'tinyint', on: ['mariadb'], column: { type: 'tinyint' }, values: [0, -7, 127] },
  {
    title: 'tinyint(1)',
    on: ['mariadb'],
    column: { type: 'tinyint' },
    after: ['ALTER TABLE host_call MODIFY duration tinyint(1)'],
    values: [0, 1, 5],
  },
  { title: 'mediumint', on: ['mariadb'], column: { type: 'mediumint' }, values: [0, -7, 8388607] },
  {
    title: 'int unsigned',
    on: ['mariadb'],
    column: { type: 'int', unsigned: true },
    values: [0, 4294967295],
  },
  {
    title: 'int unsigned zerofill',
    on: ['mariadb'],
    column: { type: 'int', unsigned: true },
    after: ['ALTER TABLE host_call MODIFY duration int(8) unsigned zerofill'],
    values: [0, 7, 4294967295],
  },
  {
    title: 'bigint unsigned',
    on: ['mariadb'],
    column: { type: 'bigint', unsigned: true },
    values: ['0', '9007199254740993', '18446744073709551615'],
  },
  {
    title: 'numeric',
    on: [PG],
    column: { type: 'numeric', precision: 10, scale: 0 },
    values: ['0', '300'],
    mayBeRefused: true,
  },
  {
    title: 'decimal',
    on: ['mariadb'],
    column: { type: 'decimal', precision: 10, scale: 0 },
    values: ['0', '300'],
    mayBeRefused: true,
  },
  { title: 'integer', on: ['sqljs'], column: { type: 'integer' }, values: [0, -7, 300] },
];

describeKinds('A column', (database, type, kind) => {
  async function check(field: string, each: ColumnCase): Promise<void> {
    const { column, before, after = [], values, mayBeRefused } = each;
    const columns: Columns = { [field]: { ...column, nullable: true } };
    const host = await FindHost.connect(database, {
      entities: hostEntities(type, columns),
      before,
    });
    for (const sql of after) await host.dataSource.query(sql);
    for (const [index, value] of [...values, null].entries()) {
      await host.add('calls', { id: index + 1, accountId: 7, callSid: 'CA', [field]: value });
    }
    const checks = async () => expect(await expectFound(host, 7)).toHaveLength(values.length + 1);
    if (mayBeRefused) return unlessRefused(host, field, checks);
    await host.startApps();
    await checks();
  }

  it.each(casesOf(TEXT_COLUMNS, kind))('of $title is exported as it is found', (each) =>
    check('customerPhoneNumber', each),
  );

  it.each(casesOf(NUMBER_COLUMNS, kind))(
    'of durations in $title is exported as it is found',
    (each) => check('duration', each),
  );

  it.each(['callSid', 'status', 'assistantId'])('may have nothing as %s', async (field) => {
    const host = await FindHost.start(database, {
      entities: hostEntities(type, { callSid: { nullable: true } }),
    });
    const call = { id: 1, accountId: 7, callSid: 'CA', status: 'busy', assistantId: 1 };
    await host.add('assistants', { id: 1, accountId: 7, name: null });
    await host.add('calls', call);
    await host.add('calls', { ...call, id: 2, [field]: null });
    expect(await expectFound(host, 7)).toHaveLength(2);
    await expectFound(host, 7, { status: 'busy' });
    await expectFound(host, 7, { assistantId: 1 });
  });

  it.each(['callSid', 'name'])('of long and odd texts may be %s as well', async (field) => {
    const entities = hostEntities(type, { callSid: { type: 'text' } }, { name: { type: 'text' } });
    const host = await FindHost.start(database, { entities });
    for (const [index, text] of LONG.entries()) {
      const id = index + 1;
      await host.add('assistants', { id, accountId: 7, name: field === 'name' ? text : '' });
      const callSid = field === 'callSid' ? text : 'CA';
      await host.add('calls', { id, accountId: 7, callSid, assistantId: id });
    }
    expect(await expectFound(host, 7)).toHaveLength(LONG.length);
  });
});
