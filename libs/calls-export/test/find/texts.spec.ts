// @slow
import { checkColumn, type ColumnCase } from './column-case';
import { casesOf, describeKinds } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { createDomain, createIcuCollation, retyped } from './retyped';

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
    title: 'text with a nondeterministic collation',
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
    title: 'text that contains numbers',
    on: ['sqljs'],
    column: { type: 'text' },
    values: [7, 1.5, 15551234567, '007'],
  },
  {
    title: 'numeric that contains text',
    on: ['sqljs'],
    column: { type: 'numeric' },
    values: [7, 1.5, 'a', '007', '1.0', '+15551234567', 'x'],
  },
  { title: 'nvarchar', on: ['sqljs'], column: { type: 'nvarchar' }, values: TEXTS },
  { title: 'tinytext', on: ['mariadb'], column: { type: 'tinytext' }, values: SHORT },
  { title: 'longtext', on: ['mariadb'], column: { type: 'longtext' }, values: LONG },
  {
    title: 'varchar with the character set latin1',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'latin1', collation: 'latin1_swedish_ci' },
    values: TEXTS.filter((text) => /^[\0-\x7f\xa0-\xff]*$/.test(text)),
  },
  {
    title: 'varchar with the character set ucs2',
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

describeKinds('A phone number', (database, type, kind) => {
  it.each(casesOf(TEXT_COLUMNS, kind))('of type $title is exported as find() returns it', (each) =>
    checkColumn(database, type, 'customerPhoneNumber', each),
  );
});

describeKinds('A call', (database, type) => {
  it.each(['callSid', 'status', 'assistantId'])('may have a null %s', async (field) => {
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

  it.each(['callSid', 'name'])('may have long and unusual text as its %s', async (field) => {
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
