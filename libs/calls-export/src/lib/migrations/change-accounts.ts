import type { QueryRunner } from 'typeorm';
import { AccountTypeError } from '../model/export-errors';
import { tables } from './tables';

/** Text has the collation C, so its order does not depend on the collation of the database or its version. */
const COLUMN_TYPE = { integer: 'int', text: 'text COLLATE "C"', uuid: 'uuid' } as const;

/** Lower case only: two text accounts that differ in case would become the same UUID. */
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/** Changes `account_id` to text. Rewrites and exclusively locks both tables. */
export async function makeTexts(queryRunner: QueryRunner): Promise<void> {
  await change(queryRunner, 'text');
}

/**
 * Changes `account_id` to uuid. Rewrites and exclusively locks both tables.
 *
 * @throws AccountTypeError if an account is not a lower-case UUID.
 */
export async function makeUuids(queryRunner: QueryRunner): Promise<void> {
  const { calls, assistants } = tables(queryRunner.connection);
  // Otherwise a row could be inserted between the check and the change.
  if (queryRunner.isTransactionActive) {
    await queryRunner.query(`LOCK TABLE ${assistants}, ${calls} IN ACCESS EXCLUSIVE MODE`);
  }
  for (const table of [calls, assistants]) {
    const [other]: { account: string }[] = await queryRunner.query(
      `SELECT account_id::text AS account FROM ${table}
       WHERE account_id::text COLLATE "C" !~ '${UUID}' LIMIT 1`,
    );
    if (other) throw new AccountTypeError(table.replaceAll('"', ''), other.account);
  }
  await change(queryRunner, 'uuid');
}

/** Changes `account_id` back to integer. Fails if an account is not an integer. */
export async function makeIntegers(queryRunner: QueryRunner): Promise<void> {
  await change(queryRunner, 'integer');
}

/**
 * Sends all statements in one message, so that PostgreSQL changes both tables or neither, even outside a
 * transaction.
 */
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
