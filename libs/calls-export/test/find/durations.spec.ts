// @slow
import { checkColumn, type ColumnCase } from './column-case';
import { casesOf, describeKinds } from './describe-kinds';
import { createDomain, retyped } from './retyped';

const PG = 'postgres';

const COLUMNS: readonly ColumnCase[] = [
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

describeKinds('A duration', (database, type, kind) => {
  it.each(casesOf(COLUMNS, kind))('of type $title is exported as find() returns it', (each) =>
    checkColumn(database, type, 'duration', each),
  );
});
