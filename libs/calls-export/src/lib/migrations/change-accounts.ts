import type { QueryRunner } from 'typeorm';
import { AccountTypeError } from '../model/export-errors';
import { tables } from './tables';

/** The columns' types. Texts are compared by their bytes, whatever the collation of the database, or its version. */
const COLUMN_TYPE = { integer: 'int', text: 'text COLLATE "C"', uuid: 'uuid' } as const;

/** How PostgreSQL writes UUIDs. Two texts that differ in case are two accounts, but they would become one. */
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/**
 * Makes all accounts texts.
 *
 * The tables are written anew, with their indexes, and nobody reads or writes them meanwhile.
 */
export async function makeTexts(queryRunner: QueryRunner): Promise<void> {
  await change(queryRunner, 'text');
}

/**
 * Makes all accounts UUIDs.
 *
 * @throws AccountTypeError if one of them is not a UUID in lower case.
 */
export async function makeUuids(queryRunner: QueryRunner): Promise<void> {
  const { calls, assistants } = tables(queryRunner.connection);
  // Else a row might come between the check and the change.
  if (queryRunner.isTransactionActive) {
    await queryRunner.query(`LOCK TABLE ${assistants}, ${calls} IN ACCESS EXCLUSIVE MODE`);
  }
  for (const table of [calls, assistants]) {
    const [other]: { account: string }[] = await queryRunner.query(
      `SELECT account_id::text AS account FROM ${table} WHERE account_id::text COLLATE "C" !~ '${UUID}' LIMIT 1`,
    );
    if (other) throw new AccountTypeError(table.replaceAll('"', ''), other.account);
  }
  await change(queryRunner, 'uuid');
}

/** Makes all accounts integers again, as `CreateCalls` has them. Fails if one of them is not an integer. */
export async function makeIntegers(queryRunner: QueryRunner): Promise<void> {
  await change(queryRunner, 'integer');
}

/** One message, which PostgreSQL runs as one transaction if there is none yet: both tables change, or neither. */
async function change(
  queryRunner: QueryRunner,
  accountType: keyof typeof COLUMN_TYPE,
): Promise<void> {
  const { calls, assistants } = tables(queryRunner.connection);
  const type = COLUMN_TYPE[accountType];
  const [cast] = type.split(' ');
  const statements = [assistants, calls].map(
    (table) =>
      `ALTER TABLE ${table} ALTER COLUMN account_id TYPE ${type} USING account_id::text::${cast};
       ANALYZE ${table} (account_id);`,
  );
  await queryRunner.query(statements.join('\n'));
}
