import type { EntitySchemaColumnOptions } from 'typeorm';
import type { AccountId } from '../../src';
import type { KindCase } from './describe-kinds';
import { isAccount } from './find-host';
import type { Owns } from './oracle';
import { createDomain, createIcuCollation, retyped } from './retyped';
import {
  LATIN_TEXTS as LATIN,
  SHORT_TEXTS as SHORT,
  SIMILAR_TEXTS as TEXTS,
} from './similar-texts';

/** A type of account column with its test data. */
export interface AccountColumn extends KindCase {
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** The accounts that have calls, as stored. */
  readonly accounts: readonly (string | number)[];
  /** Statements to run before and after the tables are created. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Other values of these accounts that a host app may pass. */
  readonly aliases?: readonly AccountId[];
  /** Accounts without calls. May be rejected. */
  readonly strangers?: readonly AccountId[];
  /** Accounts that must be rejected. */
  readonly malformed?: readonly AccountId[];
  /** Default: compares the property and the account as text. */
  readonly owns?: (account: AccountId) => Owns;
}

const [PG, SERVER] = ['postgres', 'PostgreSQL server'] as const;

/** Numbers that equal one of the accounts as text. */
const NUMBERS = [7, 7n, 0];
const TEXT_CASE = { accounts: TEXTS, aliases: NUMBERS, strangers: ['acme\n', 'ACMÉ', '007', -7] };

const MALFORMED = ['abc', '7abc', '7 abc', '7.5', '1e3', '0x7', '7\0', '\0', ' ', '7;', '٧', 'NaN'];
const TOO_LARGE = [2n ** 70n, -(2n ** 70n), String(2n ** 70n), '9'.repeat(50)];

const UUIDS = ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'];
const UUID_CASE = {
  accounts: UUIDS,
  aliases: UUIDS.map((uuid) => uuid.toUpperCase()),
  strangers: ['00000000-0000-0000-0000-000000000000'],
  malformed: ['abc', `${UUIDS[0]}0`, 'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', `${UUIDS[0]}\0`, 7],
  owns: (account: AccountId) => isAccount(String(account).toLowerCase()),
};
const INTEGER_CASE = {
  accounts: [7, 70, -7, 0, 2147483647],
  aliases: ['7', 7n, '-7', -7n],
  strangers: [8, '8', 8n],
  malformed: [...MALFORMED, ...TOO_LARGE],
};
const BIGINT_CASE = {
  ...INTEGER_CASE,
  accounts: ['7', '-7', '9007199254740992', '9007199254740993', '9223372036854775807'],
  aliases: [7, 7n, -7, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  strangers: ['9007199254740994', 2n ** 63n - 2n],
};

/** Changes both account columns to a type that TypeORM does not support. */
const domain = (name: string, type: string) => retyped(createDomain(name, type), name, RETYPED);
const icu = (name: string, locale: string) =>
  retyped(createIcuCollation(name, locale), `text COLLATE ${name}`, RETYPED);
const RETYPED = ['host_call.account_id', 'host_assistant.account_id'];

export const ACCOUNT_COLUMNS: readonly AccountColumn[] = [
  { title: 'int', column: { type: 'int' }, ...INTEGER_CASE },
  {
    title: 'int, which rejects numbers beyond its range',
    on: [PG],
    column: { type: 'int' },
    accounts: [7],
    malformed: [3_000_000_000, '3000000000', 3_000_000_000n, -3_000_000_000],
  },
  {
    title: 'int, which finds no numbers beyond its range',
    on: ['mariadb', 'sqljs'],
    column: { type: 'int' },
    accounts: [7],
    strangers: [3_000_000_000, '3000000000', 3_000_000_000n],
  },
  {
    title: 'smallint',
    on: [PG],
    column: { type: 'smallint' },
    accounts: [7, -7],
    aliases: ['7', 7n],
    malformed: [...MALFORMED, ...TOO_LARGE, 32768, 3_000_000_000],
  },
  { title: 'bigint', on: [PG, 'mariadb'], column: { type: 'bigint' }, ...BIGINT_CASE },
  {
    title: 'bigint unsigned',
    on: ['mariadb'],
    column: { type: 'bigint', unsigned: true },
    ...BIGINT_CASE,
    accounts: ['7', '9007199254740993', '18446744073709551615'],
    aliases: [7, 7n, 2n ** 64n - 1n],
    strangers: ['18446744073709551614', -7],
  },
  {
    title: 'domain over int',
    on: [PG],
    column: { type: 'int' },
    ...domain('account_number', 'int CHECK (VALUE <> 13)'),
    ...INTEGER_CASE,
    strangers: [8, 13],
  },
  { title: 'text', on: [PG, 'sqljs'], column: { type: 'text' }, ...TEXT_CASE },
  { title: 'varchar', on: ['mariadb'], column: { type: 'varchar' }, ...TEXT_CASE },
  { title: 'citext', on: [SERVER], column: { type: 'citext' }, ...TEXT_CASE },
  {
    title: 'text with a collation that ignores case and accents',
    on: [SERVER],
    column: { type: 'text' },
    ...icu('base_letters', 'und-u-ks-level1'),
    ...TEXT_CASE,
  },
  {
    title: 'text with a collation that ignores case',
    on: [SERVER],
    column: { type: 'text' },
    ...icu('any_case', 'und-u-ks-level2'),
    ...TEXT_CASE,
  },
  {
    title: 'text with a collation that ignores punctuation and spaces',
    on: [SERVER],
    column: { type: 'text' },
    ...icu('letters_alone', 'und-u-ka-shifted-ks-level1'),
    ...TEXT_CASE,
  },
  {
    title: 'char(8), with or without padding',
    on: [PG],
    column: { type: 'char', length: '8' },
    accounts: SHORT,
    aliases: [...SHORT.map((text) => text.padEnd(8)), 7, 7n],
    strangers: ['Acme', 'acme\n', '７', 0, 'acme12345'],
    owns: (account) => (property) => String(property).trimEnd() === String(account).trimEnd(),
  },
  {
    title: 'domain over text',
    on: [SERVER],
    column: { type: 'text' },
    ...domain('account_name', 'text'),
    ...TEXT_CASE,
  },
  {
    title: 'domain over citext',
    on: [SERVER],
    column: { type: 'citext' },
    ...domain('account_nick', 'citext'),
    ...TEXT_CASE,
  },
  {
    title: 'enum',
    on: [PG],
    column: { type: 'enum', enum: ['acme', 'ACME', '7', '07'], enumName: 'account_enum' },
    accounts: ['acme', 'ACME', '7', '07'],
    aliases: [7, 7n],
    strangers: ['Acme', 'acme ', 1, ''],
  },
  { title: 'uuid', on: [PG, 'mariadb'], column: { type: 'uuid' }, ...UUID_CASE },
  {
    title: 'enum',
    on: ['mariadb'],
    column: { type: 'enum', enum: ['acme', '7', '07'] },
    accounts: ['acme', '7', '07'],
    aliases: [7, 7n],
    // MariaDB also compares an enum with the index of its label.
    strangers: ['ACME', 'acme ', 1, '1', 2, 0, '0'],
  },
  ...['utf8mb4_unicode_ci', 'utf8mb4_unicode_520_ci', 'utf8mb4_bin', 'utf8mb4_nopad_bin'].map(
    (collation): AccountColumn => ({
      title: `varchar COLLATE ${collation}`,
      on: ['mariadb'],
      column: { type: 'varchar', charset: 'utf8mb4', collation },
      ...TEXT_CASE,
    }),
  ),
  {
    title: 'varchar COLLATE latin1_swedish_ci',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'latin1', collation: 'latin1_swedish_ci' },
    accounts: LATIN,
    aliases: NUMBERS,
    strangers: ['ａｃｍｅ', '７', '😀', '?'],
  },
  {
    title: 'char(8)',
    on: ['mariadb'],
    column: { type: 'char', length: '8' },
    accounts: SHORT,
    aliases: [7, 7n],
    strangers: ['Acme', 'acme\n', '７', 0],
  },
  ...['NOCASE', 'RTRIM', 'BINARY'].map((collation): AccountColumn => ({
    title: `text COLLATE ${collation}`,
    on: ['sqljs'],
    column: { type: 'text', collation },
    ...TEXT_CASE,
  })),
];
